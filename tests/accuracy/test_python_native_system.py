"""What a line's time was: Python, native, or system. The same on every interpreter."""

import pytest

C_CALLS = ["sorted", "sum", "hashlib", "re", "zlib"]


@pytest.mark.short
def test_python_against_c(measured):
    run = measured("python_against_c.py", 6)
    run.expect_shares(["python", "copy"] + C_CALLS)
    run.expect_kind("python", "python")
    for label in C_CALLS:
        run.expect_kind(label, "native")
    run.expect_kind("copy", "native+system")  # new memory: its page faults are the kernel's
    # Each C call is followed by a cheap line, on which a late signal would put its time.
    run.expect_at_most("lines after C calls", 100 * run.time("cheap").total / run.profile.totals.total, 1)
    native = sum(run.truth["seconds"][label] for label in C_CALLS + ["copy"])
    everything = run.profile.totals
    run.expect_kind("whole program", "native+system", native / sum(run.truth["seconds"].values()), everything)


@pytest.mark.own_interpreter
def test_numpy_against_python(measured):
    run = measured("numpy_beside_python.py", 4, env={"OPENBLAS_NUM_THREADS": "1"})
    labels = ["elementwise", "operators", "sort"]
    run.expect_shares(["python"] + labels)
    run.expect_kind("python", "python")
    for label in labels:
        run.expect_kind(label, "native+system")


def test_garbage_collection_is_python_time(measured):
    run = measured("garbage_collections.py", 2.4)
    run.expect_shares(["collect", "python", "sorted"])
    run.expect_kind("collect", "python")
    run.expect_kind("sorted", "native")


def test_system_calls_are_system_time(measured):
    run = measured("system_calls.py", 4)
    run.expect_shares(["python", "calls", "faults"])
    # Around a call that clears 4 MiB lie one or two microseconds of Python, with cold caches: up to 1 %.
    run.expect_kind("calls", "system", 0.99)
    run.expect_kind("faults", "native+system", 0.99)
    run.expect_kind("python", "python")
