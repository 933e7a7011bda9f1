"""However the program dies, the profile up to that moment is there and the status is right (row 17)."""

import os
import random
import signal
import time

import pytest

from support.twin import Profiled, children_of, process_count, session_members, wait_until

BUSY = """
    import os, threading
    def burn():
        while True:
            namespace = {}
            exec("def f(n):\\n    return sum(i * i for i in range(n))\\nf(500)", namespace)
    for _ in range(2):
        threading.Thread(target=burn, daemon=True).start()
    while True:
        child = os.fork()
        if child == 0:
            sum(range(20000))
            os._exit(0)
        os.waitpid(child, 0)
        sum(range(20000))
    """


def start(twin, *words, options=()):
    profile = twin.new_profile_path()
    process = twin.start(twin.command(*words, options=options, profile=profile))
    process.profile = profile
    return process


def finish(process):
    stdout, stderr = process.communicate(timeout=30)
    return Profiled(process.returncode, stdout, stderr, path=process.profile)


@pytest.mark.own_interpreter
def test_sigkill_at_any_moment_leaves_a_valid_profile(twin, long_form):
    twin.write("prog.py", BUSY)
    moments = random.Random(20)
    for _ in range(200 if long_form else 20):
        process = start(twin, "prog.py")
        program = wait_until(lambda: children_of(process.pid), "the program to start")[0]
        time.sleep(moments.choice([0.02, 0.1, 0.3]) * moments.random())
        os.kill(program, signal.SIGKILL)
        outcome = finish(process)
        assert outcome.status == -signal.SIGKILL, outcome
        assert outcome.document["ext"]["exit"] == {"signal": signal.SIGKILL}
        for orphan in session_members(process.pid):
            os.kill(orphan, signal.SIGKILL)


@pytest.mark.short
def test_samples_up_to_the_moment_of_sigkill_are_kept(twin):
    twin.write("prog.py", """
        import os, signal, time
        def work():
            end = time.process_time() + 0.7
            while time.process_time() < end:
                sum(range(1000))
        work()
        os.kill(os.getpid(), signal.SIGKILL)
        """)
    outcome = twin.profiled("prog.py")
    assert outcome.status == -signal.SIGKILL
    (work,) = [row for row in outcome.document["files"][f"{twin.directory}/prog.py"]["functions"] if row["line"] == "work"]
    assert 0.5 <= sum(work["ext"].get(name, 0) for name in ("python_sec", "native_sec", "kernel_sec")) <= 0.9


@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), 11)", "raise asyncio.CancelledError",
                                 "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: work()",
                                 "os.execv('/bin/false', ['false'])", "threading.Thread(target=os._exit, args=(4,)).start()\ntime.sleep(9)"],
                         ids=["os._exit", "segfault", "CancelledError", "CPU limit", "exec", "os._exit in a thread"])
@pytest.mark.own_interpreter
def test_the_time_before_the_end_is_in_the_profile(twin, end):
    twin.write("prog.py", "import asyncio, os, resource, threading, time\n"
               "def work():\n    end = time.process_time() + 0.5\n    while time.process_time() < end: sum(range(1000))\nwork()\n" + end)
    outcome = twin.compare("prog.py")
    functions = outcome.document["files"][f"{twin.directory}/prog.py"]["functions"]
    assert [row["line"] for row in functions] == ["work"]
    assert outcome.document["ext"]["totals"]["cpu_samples"] >= 25


@pytest.mark.own_interpreter
def test_a_child_that_ends_by_os__exit_runs_nothing_of_its_parent(twin):
    # Row 8: os._exit used to become sys.exit.
    twin.write("prog.py", """
        import atexit, os, sys, tempfile, threading
        atexit.register(lambda: print("at exit", os.getpid() == root, flush=True))
        root = os.getpid()
        with tempfile.TemporaryDirectory() as directory:
            try:
                child = os.fork()
                if child == 0:
                    sum(range(1000000))
                    if len(sys.argv) > 1:
                        threading.Thread(target=os._exit, args=(6,)).start()
                        threading.Event().wait(10)
                    os._exit(5)
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if sys.version_info >= (3, 9) else "", flush=True)
                print(os.path.isdir(directory), flush=True)
            finally:
                print("finally", os.getpid() == root, flush=True)
        """)
    twin.compare("prog.py")
    twin.compare("prog.py", "in a thread")


@pytest.mark.own_interpreter
def test_children_killed_at_random_are_listed_with_their_end(twin):
    twin.write("prog.py", """
        import os, random, signal, time
        for index in range(20):
            child = os.fork()
            if child == 0:
                while True:
                    sum(range(1000))
            time.sleep(random.Random(index).random() * 0.05)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        """)
    document = twin.compare("prog.py").document
    assert process_count(document, how="root") == 1
    # A child that used no 10 ms of CPU time never connects; the others died from a signal.
    assert process_count(document, how="fork") >= 5
    # Who reaps them is the program; the kernel tells us how they ended only if it is young enough.
    ends = [row["exit"] for row in document["ext"]["processes"] if row["how"] == "fork" and "exit" in row]
    assert all(end == {"signal": signal.SIGKILL} for end in ends), ends
    assert [row["exit"] for row in document["ext"]["processes"] if row["how"] == "root"] == [{"status": 0}]


@pytest.mark.own_interpreter
def test_nothing_is_left_behind_by_any_end(twin):
    # Row 44: alias directories, temporary files, shared memory.
    (twin.directory / "tmp").mkdir()
    (twin.directory / "run").mkdir(mode=0o700)
    places = [twin.directory / "tmp", twin.directory / "run", "/dev/shm"]
    environment = {"TMPDIR": str(twin.directory / "tmp"), "XDG_RUNTIME_DIR": str(twin.directory / "run")}
    def content():  # semaphores are of other tests, which run beside
        return [sorted(name for name in os.listdir(place) if not name.startswith("sem.")) for place in places]
    before = content()
    for end in ("pass", "raise SystemExit(3)", "import os; os._exit(1)", "import os; os.kill(os.getpid(), 9)",
                "import os; os.kill(os.getpid(), 11)", "import os; os.execv('/bin/true', ['true'])"):
        twin.write("prog.py", f"sum(range(3000000))\n{end}\n")
        twin.profiled("prog.py", env=environment)
        assert content() == before, end
    process = start(twin, "prog.py")
    process.kill()
    process.communicate()
    assert content()[2] == before[2]
    assert sorted(path.name for path in twin.directory.iterdir()) == ["profiles", "prog.py", "run", "tmp"]
