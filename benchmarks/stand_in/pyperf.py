"""Stands in for `pyperf` so that a benchmark program of pyperformance runs unchanged, in one process, a fixed number of times.

The real pyperf starts worker processes and decides by the clock how often to repeat; two runs of it are different work.
Here SCALENE_BENCH_LOOPS says how often each benchmark of the program runs. What the work cost, without start-up and
imports, goes as JSON into the file SCALENE_BENCH_REPORT, rewritten after each benchmark. SCALENE_BENCH_CORE ties the work to
one core.
"""

import argparse
import os
import time
from time import perf_counter  # noqa: F401 (the programs call pyperf.perf_counter)


class Runner:
    def __init__(self, add_cmdline_args=None, **_):
        self.metadata = {}
        self.argparser = argparse.ArgumentParser()
        self._loops = int(os.environ.get("SCALENE_BENCH_LOOPS", "1"))
        self._wall = self._cpu = 0.0
        if "SCALENE_BENCH_CORE" in os.environ:
            os.sched_setaffinity(0, {int(os.environ["SCALENE_BENCH_CORE"])})

    def parse_args(self, args=None):
        return self.argparser.parse_args(args)

    def bench_func(self, _name, function, *args):
        def repeat():
            for _ in range(self._loops):
                function(*args)
        self._measure(repeat)

    def bench_time_func(self, _name, function, *args):
        self._measure(lambda: function(self._loops, *args))

    def bench_async_func(self, _name, function, *args):
        import asyncio

        def repeat():
            for _ in range(self._loops):
                asyncio.run(function(*args))
        self._measure(repeat)

    def _measure(self, work):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        self._wall += time.perf_counter() - wall
        self._cpu += time.process_time() - cpu
        report(work_wall=self._wall, work_cpu=self._cpu)


def report(**figures):
    """Writes the figures and this process's peak and present memory (KiB) for the benchmark that started us."""
    path = os.environ.get("SCALENE_BENCH_REPORT")
    if not path:
        return
    with open("/proc/self/status") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name in ("VmHWM", "VmRSS"):
                figures[name.lower() + "_kib"] = int(value.split()[0])
    with open(path, "w") as file:
        file.write("{" + ", ".join(f'"{name}": {value!r}' for name, value in figures.items()) + "}\n")
