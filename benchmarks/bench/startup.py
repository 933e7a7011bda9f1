"""Start-up: an empty program, bare and under each command, in turns; medians of what each adds."""

import os
import statistics

from . import places, process, tools

EMPTY = os.path.join(places.WORKLOADS, "empty.py")


def commands():
    python_dash_m = [places.PYTHON, "-m", "scalene", "run", "--cpu-only", "-o", "profile.json", EMPTY]
    return {
        "bare": tools.command("bare", [EMPTY]),
        "scalene": tools.command(tools.OURS, [EMPTY]),
        # Our own Python package from the source tree: in front of the reference's, which has the same name.
        "python3 -m scalene": python_dash_m,
        "reference": tools.command(tools.REFERENCE, [EMPTY]),
    }


def measure(repetitions, with_reference, say):
    """{command: [seconds, ...]}, one of each per turn."""
    times = {name: [] for name in commands() if with_reference or name != "reference"}
    for number in range(repetitions + 1):
        say(f"start-up: turn {number} of {repetitions}")
        for name in times:
            run = process.run_once(commands()[name], 60, **_variables(name))
            if run.ok and number > 0:  # the first turn fills the caches
                times[name].append(run.wall)
    return times


def _variables(name):
    return {"PYTHONPATH": os.path.join(places.ROOT, "python")} if name == "python3 -m scalene" else {}


def added(times):
    """{command: (median, worst) seconds over bare of the same turn}."""
    return {name: (statistics.median(over), max(over))
            for name, found in times.items() if name != "bare"
            if (over := [mine - bare for mine, bare in zip(found, times["bare"])])}
