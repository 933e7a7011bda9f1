"""From the end of the program to the end of `scalene`, profile written.

The program reports the moment of its last statement; bare Python needs some time from there to its end too, which is
taken away. The program has many functions, lines and stacks, and runs for as long as asked.
"""

import os
import statistics
import tempfile

from . import places, process, tools

FUNCTIONS, LINES = 300, 20


def _function(number):
    lines = [f"    total += (total ^ {number + line}) & 7" for line in range(LINES)]
    return "\n".join([f"def work_{number}(path, total):", *lines, "    return follow(path, total)", "", ""])


def program_text():
    with open(os.path.join(places.WORKLOADS, "many_stacks_main.py")) as file:
        return "".join(_function(number) for number in range(FUNCTIONS)) + file.read()


def measure(seconds, repetitions, say):
    """{"bare": [s, ...], "scalene": [s, ...], "profile_bytes", "seconds"}: times from last statement to the end."""
    found = {"bare": [], tools.OURS: [], "profile_bytes": 0, "seconds": seconds}
    with tempfile.TemporaryDirectory() as directory:
        program = os.path.join(directory, "many_stacks.py")
        with open(program, "w") as file:
            file.write(program_text())
        for number in range(repetitions):
            for tool, duration in (("bare", 1.0), (tools.OURS, seconds)):
                say(f"end: turn {number + 1} of {repetitions}, {tool}, {duration:g} s")
                run = process.run_once(tools.command(tool, [program, str(duration)]), seconds * 10 + 60)
                if run.ok:
                    found[tool].append(run.ended - run.inside["last_statement"])
                    found["profile_bytes"] = max(found["profile_bytes"], run.profile_bytes)
    return found


def added(found):
    """Median seconds; None if a side never finished."""
    if not found["bare"] or not found[tools.OURS]:
        return None
    return statistics.median(found[tools.OURS]) - statistics.median(found["bare"])
