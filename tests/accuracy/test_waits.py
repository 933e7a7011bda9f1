"""Time not on a CPU: how long, on which line, for which reason, and whose share it is."""

import pytest

REASONS = {"sleep": "sleep", "lock": "lock", "join": "lock", "read": "read", "receive": "read", "write": "write",
           "poll": "poll", "child": "child"}
# The requirement: 3 %, or 20 ms. A look comes every 5 to 15 ms; on a busy machine looks, and what follows a wait, come late.
RELATIVE, ABSOLUTE = 0.03, 0.02


def seconds_of(run, label, reason):
    return sum(row.get("ext", {}).get("waits", {}).get(reason, 0.0)
               for row in run.profile.marked_rows(run.program, label))


def idle_of(run, label):
    return sum(row.get("ext", {}).get("idle_sec", 0.0) for row in run.profile.marked_rows(run.program, label))


def share_of(run, label):
    return sum(row["n_cpu_percent_python"] + row["n_cpu_percent_c"] + row["n_sys_percent"]
               for row in run.profile.marked_rows(run.program, label))


@pytest.mark.short
def test_each_wait_has_its_seconds_and_its_reason(measured):
    run = measured("waits.py", 0.5)
    late = ABSOLUTE + run.late_sec
    for label, reason in REASONS.items():
        true = run.truth["seconds"][label]
        run.expect_seconds(label + ": " + reason, seconds_of(run, label, reason), true, RELATIVE, late)
        run.expect_seconds(label + ": idle", idle_of(run, label), true, RELATIVE, late)
    run.expect_seconds("computing waits for nothing", idle_of(run, "compute"), 0.0, RELATIVE, late)


def test_with_virtual_time_nothing_waits(measured):
    run = measured("waits.py", 0.3, options=("--use-virtual-time",))
    assert "waits" not in run.profile.ext
    assert run.profile.ext["totals"].get("idle_sec", 0.0) == 0.0
    run.expect_all_cpu_time()


def expect_busy_line_to_have_everything(run):
    """Of the marked lines: start-up and imports are real CPU time of other lines.

    For moments nobody may run at all, and that is idle time indeed: what the program's clocks say of it, without its
    waits for a CPU, is added to the bounds.
    """
    busy, delay = max(run.truth["cpu"], run.truth["seconds"]["busy"]), run.truth["delay"]
    idle = max(0.0, run.truth["wall"] - busy - delay) + delay / 10
    whole = share_of(run, "busy") + share_of(run, "waits")
    run.expect_at_most("the waiting lines", 100 * share_of(run, "waits") / whole, 2 + 100 * idle / busy)
    start_and_end = 0.1  # idle in files and in the birth of twenty threads, before and after the program's clocks
    run.expect_seconds("idle time", run.profile.ext["totals"].get("idle_sec", 0.0), idle / 2,
                       absolute=start_and_end + idle / 2 + 0.02 * run.truth["seconds"]["busy"])


@pytest.mark.short
def test_waiting_threads_take_nothing_from_the_busy_one(measured):
    run = measured("busy_beside_waiters.py", 1.5)
    expect_busy_line_to_have_everything(run)
    waited = sum(seconds_of(run, "waits", reason) for reason in ("lock", "read", "sleep"))
    assert waited > 20 * run.truth["seconds"]["busy"] * 0.8, "twenty threads waited %.3f s in all" % waited


def test_idle_workers_of_a_pool_take_nothing_from_the_busy_one(measured):
    run = measured("pool_of_workers.py", 1.5)
    expect_busy_line_to_have_everything(run)


@pytest.mark.short
def test_threads_have_their_names_and_their_waits(measured):
    run = measured("named_threads.py", 0.4)
    waits = {thread.get("name"): thread.get("waits", {}) for thread in run.profile.ext["threads"]}
    for name in ("first", "zwölf", "late"):
        run.expect_seconds(name, waits.get(name, {}).get("sleep", 0.0), run.truth["seconds"][name], RELATIVE,
                           ABSOLUTE + run.late_sec)
