"""Time is on the line that spent it, of the kind it was. The measured bounds are the business of tests/accuracy."""

import pytest

from support.twin import rows_of


def shares(twin, source):
    twin.write("prog.py", source)
    outcome = twin.profiled("prog.py")
    assert outcome.status == 0, outcome.errors
    return rows_of(outcome.document, "prog.py")["lines"]


@pytest.mark.short
def test_sorting_is_native_on_every_interpreter(twin):
    # Row 6: python or native used to depend on how late a signal arrived, 95 % or 29 % by version.
    lines = shares(twin, """\
        import random, time
        data = [random.random() for _ in range(200000)]
        end = time.process_time() + 1
        while time.process_time() < end:
            sorted(data)
        """)
    line = lines[4]
    assert line["n_cpu_percent_c"] > 10 * line["n_cpu_percent_python"]


def test_pure_python_is_python_on_every_interpreter(twin):
    lines = shares(twin, """\
        import time
        def work(n):
            total = 0
            for i in range(n):
                total += i % 7
            return total
        end = time.process_time() + 1
        while time.process_time() < end:
            work(100000)
        """)
    loop = [lines[3], lines[4]]
    assert sum(line["n_cpu_percent_python"] for line in loop) > 85


@pytest.mark.own_interpreter
def test_a_cheap_line_after_a_long_call_stays_cheap(twin):
    # Row 7: the time of a call used to land on the next line.
    lines = shares(twin, """\
        import time, zlib
        data = bytes(range(256)) * 4000
        end = time.process_time() + 1
        while time.process_time() < end:
            packed = zlib.compress(data, 9)
            size = 1
        """)
    assert lines[4]["n_cpu_percent_c"] > 90
    assert sum(lines[5][name] for name in ("n_cpu_percent_c", "n_cpu_percent_python", "n_sys_percent")) < 1


@pytest.mark.own_interpreter
def test_code_without_frames_is_never_credited_to_a_bystander(twin):
    # Recursion far deeper than a stack is recorded: the time is on the deep function or stated as lost.
    twin.write("prog.py", """
        import sys, threading, time
        sys.setrecursionlimit(1000000)
        threading.stack_size(1 << 30)
        def deep(n):
            if n == 0:
                end = time.thread_time() + 0.7
                while time.thread_time() < end:
                    sum(range(100))
                return 0
            return deep(n - 1) + 1
        def bystander():
            end = time.thread_time() + 0.05
            while time.thread_time() < end:
                sum(range(100))
        bystander()
        thread = threading.Thread(target=deep, args=(60000,))
        thread.start(); thread.join()
        """)
    document = twin.compare("prog.py").document
    rows = {row["line"]: row for row in rows_of(document, "prog.py")["functions"]}
    seconds = sum(rows["bystander"]["ext"].get(name, 0) for name in ("python_sec", "native_sec", "kernel_sec")) if "bystander" in rows else 0
    assert seconds < 0.15
