"""Bare Python and a profiled run of the same work, at the same time on one core.

A shared machine changes its speed by a third from one second to the next, and no number of runs one after the other
averages that out. Two processes that share a core in turns of some milliseconds see the same machine: the ratio of their
CPU times, each for its own work alone, repeats within a few percent where a ratio of wall times moves by thirty.

What a race does not see: start and end of the command (`startup`, `ending`), and the collector, which has the other core.
"""

import statistics
import threading
from dataclasses import replace

from . import process, tools

BARE = "bare"
RACERS = (BARE, tools.OURS, tools.OURS_ALL)
CORE = 0
LIMIT_SEC = 600


def measure(programs, rounds, say):
    """{program: {racer: [ratio, ...]}}: CPU time of the racer's work over that of the bare run beside it."""
    return {program.name: _race_all(replace(program, loops=max(1, program.loops // 2)), rounds, say)
            for program in programs}


def _race_all(program, rounds, say):
    found = {racer: [] for racer in RACERS}
    for number in range(rounds):
        for racer in RACERS:
            say(f"race: {program.name}, round {number + 1} of {rounds}, {racer}")
            mine, bare = _race(program, racer, bare_first=number % 2 == 0)
            if mine.inside and bare.inside:
                found[racer].append(mine.inside["work_cpu"] / bare.inside["work_cpu"])
    return found


def _race(program, racer, bare_first):
    runs = {}

    def run(place, tool):
        runs[place] = process.run_once(tools.command(tool, program.words), LIMIT_SEC, SCALENE_BENCH_LOOPS=program.loops,
                                       SCALENE_BENCH_CORE=CORE)

    both = [threading.Thread(target=run, args=("mine", racer)), threading.Thread(target=run, args=("bare", BARE))]
    for thread in reversed(both) if bare_first else both:
        thread.start()
    for thread in both:
        thread.join()
    return runs["mine"], runs["bare"]


def medians(found, racer):
    """The programs' medians; [] if it was never measured."""
    return [statistics.median(ratios[racer]) for ratios in found.values() if ratios[racer]]
