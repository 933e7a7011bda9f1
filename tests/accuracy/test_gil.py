"""The interpreter's lock: how long threads waited for it, which lines had it meanwhile, and how much of the run it was held.

The programs say how long their threads waited for a CPU: on a busy machine looks come late and rarely, and the lock may be
nobody's while its next holder waits for a CPU, so the bounds grow with that.
"""

import pytest

RELATIVE, ABSOLUTE = 0.05, 0.05


def waited(run, label):
    return sum(row.get("ext", {}).get("waits", {}).get("gil", 0.0)
               for row in run.profile.marked_rows(run.program, label))


def held_by(run, waiter, holder):
    """Seconds for which lines of `holder` had the GIL while lines of `waiter` waited for it."""
    holders = {row["lineno"] for row in run.profile.marked_rows(run.program, holder)}
    return sum(sec for row in run.profile.marked_rows(run.program, waiter)
               for path, line, sec in row.get("ext", {}).get("gil_holders", []) if line in holders)


def expect_waits_for(run, waiter, holder):
    true, delay = run.truth["seconds"][waiter], run.truth["facts"][waiter]
    run.expect_seconds(waiter + " waits", waited(run, waiter), true, RELATIVE, ABSOLUTE + delay / 4)
    by_other, by_itself = held_by(run, waiter, holder), held_by(run, waiter, waiter)
    run.expect_seconds(waiter + ": holder known", by_other + by_itself, true, 0.2, ABSOLUTE + delay / 4)
    run.expect_seconds(waiter + ": has it itself", by_itself, 0, absolute=0.02 * true)


def native_share(run):
    gil = run.profile.ext["gil"]
    return 100 * gil.get("native_sec", 0.0) / gil["looked_sec"]


def expect_no_gil(run):
    assert "gil" not in run.profile.ext and "gil" not in run.profile.ext["waits"]


@pytest.mark.short
def test_each_of_two_threads_waits_for_the_other(measured, interpreter):
    run = measured("gil_by_two.py", 1.5)
    if interpreter.free_threaded:
        return expect_no_gil(run)
    expect_waits_for(run, "first", "second")
    expect_waits_for(run, "second", "first")
    run.expect_at_most("held by native code", native_share(run), 5)


@pytest.mark.short
def test_a_call_that_keeps_the_gil_is_its_holder(measured, interpreter):
    run = measured("gil_in_c.py", 1.0)
    if interpreter.free_threaded:
        return expect_no_gil(run)
    expect_waits_for(run, "compute", "keep")
    # Of some 120 looks, one deviation is 4 points.
    run.expect_interval("held by native code", native_share(run), 100 * run.truth["facts"]["kept"] / run.truth["wall"],
                        12 + 100 * run.truth["facts"]["compute"] / run.truth["wall"])


@pytest.mark.short
def test_who_stops_the_world_keeps_the_others_waiting(measured, interpreter):
    run = measured("stopped_world.py", 1.0 if interpreter.free_threaded else 0.3)
    stopped = sum(row.get("ext", {}).get("waits", {}).get("stop_the_world", 0.0)
                  for row in run.profile.marked_rows(run.program, "compute"))
    if not interpreter.free_threaded:
        assert "stop_the_world" not in run.profile.ext["waits"]
        return
    true, delay = run.truth["seconds"]["compute"], run.truth["facts"]["delay"]
    run.expect_seconds("stopped", stopped, true - delay / 2, 0.1, ABSOLUTE + delay / 2)
