"""Time in which a program does not run although it would like to, and what is known when its memory may not be read."""

import os

import pytest


def waits_of(run, label):
    sums = {}
    for row in run.profile.marked_rows(run.program, label):
        for reason, sec in row.get("ext", {}).get("waits", {}).items():
            sums[reason] = sums.get(reason, 0.0) + sec
    return sums


def idle_sec(run):
    return run.profile.ext["totals"].get("idle_sec", 0.0)


def all_sec(run, label):
    return sum(row.get("ext", {}).get(kind + "_sec", 0.0) for row in run.profile.marked_rows(run.program, label)
               for kind in ("python", "native", "kernel", "idle"))


@pytest.mark.short
def test_sleep_has_three_quarters(measured):
    run = measured("sleep_and_work.py", 2.0)
    sleep, work = run.truth["seconds"]["sleep"], run.truth["seconds"]["work"]
    late = run.truth["delay"] / 4  # looks come late, too, where the CPUs are busy
    times = {label: all_sec(run, label) for label in ("sleep", "work")}
    run.expect_seconds("sleep", times["sleep"], sleep, 0.03, 0.1 + late)
    run.expect_interval("sleep", 100 * times["sleep"] / sum(times.values()), 100 * sleep / (sleep + work),
                        6 + 100 * late / (sleep + work))


@pytest.mark.short
def test_who_takes_a_lock_waits_for_as_long_as_it_is_held(measured):
    run = measured("held_lock.py", 1.5)
    true = run.truth["seconds"]["take"]
    # On a busy machine two looks may be 0.3 s apart; what lies between them is the later one's.
    late = 0.3 + run.truth["delay"]
    run.expect_seconds("lock", waits_of(run, "take").get("lock", 0.0), true, 0.05, late)


def test_waiting_for_a_cpu_is_no_waiting(measured):
    run = measured("crowded_cpus.py", 1.5)
    delay = run.truth["facts"]["compute"]
    assert delay > 0.1, "the other processes did not crowd the CPUs"
    least, most = run.truth["delay"], run.truth["facts"]["life"]  # what of the start is recorded, the program cannot know
    run.expect_seconds("all runnable", run.profile.ext["waits"].get("runnable", 0.0), (least + most) / 2, 0.05,
                       0.05 + (most - least) / 2)
    # Until the first sample there is no line, and a long delay shows only when it is over.
    run.expect_seconds("runnable", waits_of(run, "compute").get("runnable", 0.0), delay, 0.35, 0.05)
    run.expect_at_most("system", sum(row["n_sys_percent"] for row in run.profile.marked_rows(run.program, "compute")), 20)
    run.expect_seconds("idle", idle_sec(run), 0.0, absolute=0.05 + 0.05 * delay)


def test_who_became_another_program_waits_no_more(measured):
    run = measured("crowded_cpus.py", 1.5, "exec")
    least, most = run.truth["delay"], run.truth["facts"]["life"]
    run.expect_seconds("all runnable", run.profile.ext["waits"].get("runnable", 0.0), (least + most) / 2, 0.05,
                       0.12 + (most - least) / 2)
    assert not [warning for warning in run.profile.document["ext"].get("warnings", []) if "memory of a process" in warning]


def test_a_stopped_program_is_not_idle(measured):
    run = measured("stopped.py", 1.0)
    stopped = run.truth["facts"]["stopped"]
    run.expect_seconds("stopped", run.profile.ext["waits"].get("stopped", 0.0), stopped, 0.05, 0.08)
    run.expect_seconds("idle", idle_sec(run), 0.0, absolute=0.15)


def test_unreadable_memory_leaves_the_clocks(measured):
    # With that capability everything may be read.
    prefix = ("setpriv", "--bounding-set", "-sys_ptrace") if os.geteuid() == 0 else ()
    run = measured("undumpable.py", 0.6, prefix=prefix)
    seconds = run.truth["seconds"]
    idle = idle_sec(run) + run.profile.ext.get("outside", {}).get("idle_sec", 0.0)  # on whatever line
    run.expect_seconds("idle", idle, seconds["sleep"], 0.05, 0.08)
    run.expect_seconds("work", run.time("work").total, seconds["work"], 0.1, 0.1)
    run.expect_all_cpu_time()
    told = [line for line in run.result.stderr.splitlines() if "could not be read from outside" in line]
    assert len(told) == 1, run.result.describe()
    assert sum("could not be read from outside" in text for text in run.profile.ext["warnings"]) == 1
