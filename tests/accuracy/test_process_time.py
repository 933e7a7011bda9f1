"""CPU time of several processes: every way to start a worker, all in one profile."""

import pytest

WORKERS = ["os_fork", "mp_fork", "mp_spawn", "mp_forkserver", "pool", "executor", "subprocess"]


@pytest.mark.short
def test_every_kind_of_worker(measured):
    run = measured("workers.py", 0.6)
    run.expect_shares(["parent"] + WORKERS)
    for label in WORKERS:
        run.expect_seconds(label, run.time(label).total, run.truth["seconds"][label], absolute=0.05)
        run.expect_kind(label, "python")


def test_a_parent_that_waited_for_its_child_computes_in_python(measured):
    run = measured("fork_wait_compute.py", 1.5)
    run.expect_shares(["compute", "child"])
    run.expect_kind("compute", "python")
