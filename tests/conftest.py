"""Shared by every test of this tree: which interpreters, which binary, and the table of measured against true values.

    python3 -m pytest tests                       everything on Debian's own interpreter
    python3 -m pytest tests --interpreters=short  that, and the tests marked `short` on every other interpreter found
    python3 -m pytest tests --interpreters=all    everything on every interpreter, the long forms included
    ... -n 2 --dist loadgroup                     in two processes (pytest-xdist), measurements in one of them only

SCALENE_BINARY names the binary under test; without it, it is build/release/bin/scalene.
A test that asks for `interpreter` runs once per interpreter; one that does not runs once.
"""

import dataclasses
import re
import time

import pytest

from support import interpreters, measure, scalene, table


def pytest_addoption(parser):
    parser.addoption("--interpreters", choices=("own", "short", "all"), default="own",
                     help="own: /usr/bin/python3; short: `short` tests on the others too; all: everything on all")
    parser.addoption("--minutes", type=float, default=0,
                     help="start no test after so many minutes; the summary says how many did not run (default: no limit)")


class Deadline:
    """Starts no test when the time is used up, and says how many that were."""

    REASON = "out of time (--minutes)"

    def __init__(self, minutes):
        self.end = time.monotonic() + 60 * minutes

    def pytest_runtest_setup(self, item):
        if time.monotonic() > self.end:
            pytest.skip(self.REASON)

    def pytest_terminal_summary(self, terminalreporter):
        skipped = terminalreporter.stats.get("skipped", [])
        not_run = sum(self.REASON in str(report.longrepr) for report in skipped)
        if not_run:
            terminalreporter.section(f"OUT OF TIME: {not_run} tests did not run", sep="=", red=True)


class NamesWithoutGroups:
    """pytest-xdist puts the group behind a test's name; --last-failed looks for the name."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        report.nodeid = re.sub(r"@\w+$", "", report.nodeid)


def pytest_configure(config):
    config.addinivalue_line("markers", "short: part of the short pass over every interpreter found")
    config.addinivalue_line("markers", "own_interpreter: says nothing new on another interpreter; runs on one only")
    config.addinivalue_line("markers", "xdist_group(name): runs in one process with the others of that name")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(NamesWithoutGroups())
    if config.getoption("--minutes"):
        config.pluginmanager.register(Deadline(config.getoption("--minutes")))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Side by side run: one measurement and a test that measures nothing; never two tests of one file."""
    for item in items:
        measures = "accuracy" in item.path.parts
        item.add_marker(pytest.mark.xdist_group("measurements" if measures else item.path.stem))


def pytest_sessionfinish(session):
    """A worker process of pytest-xdist hands its measurements over."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = [dataclasses.asdict(entry) for entry in table.entries]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """And the one that started it takes them into the table."""
    table.entries += [table.Entry(**entry) for entry in getattr(node, "workeroutput", {}).get("measured", [])]


def pytest_generate_tests(metafunc):
    if "interpreter" not in metafunc.fixturenames:
        return
    chosen = interpreters.for_test(
        metafunc.config.getoption("interpreters"),
        short=metafunc.definition.get_closest_marker("short") is not None,
        own_only=metafunc.definition.get_closest_marker("own_interpreter") is not None)
    metafunc.parametrize("interpreter", chosen, ids=[i.full_name for i in chosen], scope="session")


@pytest.fixture
def run(interpreter, tmp_path):
    """run(program, *arguments, options=[...]) → support.scalene.Result, on this test's interpreter."""
    def run_here(program, *arguments, **keywords):
        keywords.setdefault("cwd", tmp_path)
        return scalene.run_scalene(program, *arguments, interpreter=interpreter.executable, **keywords)
    return run_here


@pytest.fixture
def long_form(request, interpreter):
    """True where a test shall take the time for the narrow bound: --interpreters=all, on Debian's own interpreter."""
    return request.config.getoption("interpreters") == "all" and interpreter is interpreters.own()


@pytest.fixture
def measured(request, run, interpreter, tmp_path):
    """measured(program, *arguments) → support.measure.Measurement: a profile beside the program's own clocks."""
    def measure_here(program, *arguments, **keywords):
        return measure.measure(run, program, *arguments, test=test, interpreter=interpreter, folder=tmp_path, **keywords)
    # "test_a_b[3.11.2-10]" → "a_b[10]": the interpreter has a column of its own in the table.
    test = request.node.name.replace("test_", "", 1).replace(interpreter.full_name, "").replace("[-", "[")
    test = test.replace("[]", "")
    return measure_here


def pytest_terminal_summary(terminalreporter, config):
    table.write_summary(terminalreporter, config.getoption("interpreters"))
