"""Time that asyncio's tasks wait: on which line, how many at once, under which names."""

import pytest


def rows(run, label):
    return run.profile.marked_rows(run.program, label)


def await_percent(run, label):
    return sum(row["n_async_await_percent"] for row in rows(run, label))


@pytest.mark.short
def test_tasks_share_the_loops_time_at_their_innermost_line(measured):
    run = measured("tasks_10_30.py", 1.0)
    for label, tasks in {"shallow": 10, "deep": 30, "gather": 1, "outer": 0}.items():
        run.expect_interval("await of " + label, await_percent(run, label), 100 * tasks / 41, 3)
    for label in ("shallow", "deep"):
        row = rows(run, label)[0]
        run.expect_interval(label + ": tasks, mean", row["n_async_concurrency_mean"], 41, 4.1)
        assert row["n_async_concurrency_peak"] == 41
        assert len(row["async_task_names"]) == {"shallow": 10, "deep": 30}[label]
        assert all(name.startswith("Task-") for name in row["async_task_names"])
    leaves = {stack[-1]["display_name"] for stack, hits in run.profile.document["combined_stacks"]}
    assert any(leaf.startswith("[await] innermost (Task-") for leaf in leaves), leaves


@pytest.mark.short
def test_cancelled_tasks_and_computing_coroutines_await_nothing(measured):
    run = measured("busy_coroutine.py", 0.6)
    run.expect_at_most("await while computing", await_percent(run, "compute"), 1)
    run.expect_at_most("await of cancelled tasks", await_percent(run, "cancelled"), 3)
    run.expect_interval("await of the one that sleeps", await_percent(run, "sleep"), 100, 3)


@pytest.mark.short
def test_loops_of_all_threads_count(measured):
    run = measured("loops_in_threads.py", 0.6)
    for label in ("first", "second", "third"):
        run.expect_interval("await of " + label, await_percent(run, label), 100 / 3, 3)
        assert rows(run, label)[0]["ext"]["await_task_sec"] > 0.5


def test_without_async_nobody_awaits(measured):
    run = measured("tasks_10_30.py", 0.3, options=("--no-async",))
    assert run.profile.document["async_profile"] is False
    assert await_percent(run, "deep") == 0


@pytest.mark.short
def test_every_way_to_wait_has_its_line(measured, interpreter):
    run = measured("task_kinds.py", 0.8)
    has_groups = interpreter.version_info >= (3, 11)
    labels = ["wait_for", "shield", "generator", "thread", "member"] + ["group"] * has_groups
    for label in labels:
        run.expect_interval("await of " + label, await_percent(run, label), 100 / (len(labels) + 1), 3)


@pytest.mark.short
def test_who_keeps_the_loop_from_running_others(measured):
    run = measured("blocked_loop.py", 1.5)
    seconds, late = run.truth["seconds"], 0.05 + run.truth["delay"]
    for label in ("block", "compute"):
        blocks = sum(row.get("ext", {}).get("loop_block_sec", 0.0) for row in rows(run, label))
        run.expect_seconds(label + " blocks", blocks, seconds[label], 0.1, late)
    lag = rows(run, "victim")[0].get("ext", {}).get("loop_lag_sec", 0.0)
    run.expect_seconds("lag of the others", lag, sum(seconds.values()), 0.1, 2 * late)
