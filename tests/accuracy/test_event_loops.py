"""Event loops and libraries of others: the same tasks, so the same shares."""

import subprocess

import pytest

from support import scalene


@pytest.fixture
def libraries(interpreter):
    """The environment in which uvloop and anyio can be imported."""
    version = "%d.%d" % interpreter.version_info[:2]
    if interpreter.free_threaded:
        pytest.skip("there are no wheels of uvloop for a free-threaded Python")
    done = subprocess.run([scalene.TREE / "tools" / "install-event-loops", version])
    if done.returncode == 3:
        pytest.skip("there are no wheels of uvloop for Python " + version)
    assert done.returncode == 0
    return {"PYTHONPATH": str(scalene.TREE / ".deps" / "event-loops" / version)}


@pytest.mark.short
@pytest.mark.parametrize("kind", ["uvloop", "anyio"])
def test_tasks_share_the_wait_on_any_loop(measured, libraries, kind):
    run = measured("other_loops.py", kind, 0.8, env=libraries)
    shares = {label: sum(row["n_async_await_percent"] for row in run.profile.marked_rows(run.program, label))
              for label in ("shallow", kind)}
    run.expect_interval("await of shallow", shares["shallow"], 100 * 5 / 21, 3)
    run.expect_interval("await of " + kind, shares[kind], 100 * 15 / 21, 3)
