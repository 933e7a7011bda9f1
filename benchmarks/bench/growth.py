"""How the cost grows: threads, stack depth, processes, distinct code objects. One workload each, a fixed amount of work."""

import os
import statistics
from dataclasses import dataclass

from . import memory, places, process, tools


@dataclass(frozen=True)
class Series:
    name: str
    program: str
    counts: tuple

    def words(self, count):
        return [os.path.join(places.WORKLOADS, self.program), str(count)]


ALL = [
    Series("threads", "threads.py", (1, 8, 64, 512)),
    Series("stack depth", "depth.py", (10, 100, 1000)),
    Series("processes", "processes.py", (1, 8, 64)),
    Series("code objects", "code_objects.py", (10 ** 2, 10 ** 4, 10 ** 6)),
]


def measure(pairs, say):
    """{series: {count: {"wall": [ratio, ...], "cpu": [ratio, ...], "collector", "agent", "profile_bytes", ...}}}"""
    return {series.name: {str(count): _measure_one(series, count, pairs, say) for count in series.counts}
            for series in ALL}


def _measure_one(series, count, pairs, say):
    words = series.words(count)
    found = {"wall": [], "cpu": [], "bare_wall": []}
    for number in range(pairs):
        say(f"growth: {count} {series.name}, pair {number + 1} of {pairs}")
        order = ("bare", tools.OURS) if number % 2 == 0 else (tools.OURS, "bare")
        runs = {tool: process.run_once(tools.command(tool, words), 300) for tool in order}
        if not all(run.ok for run in runs.values()):
            return {"failure": runs[tools.OURS].failure or runs["bare"].failure or "time-out"}
        for measure_name in ("wall", "cpu"):
            found[measure_name].append(getattr(runs[tools.OURS], measure_name) / getattr(runs["bare"], measure_name))
        found["bare_wall"].append(runs["bare"].wall)
    return {**found, **memory.measure(words)}


def median(found, name):
    return statistics.median(found[name])
