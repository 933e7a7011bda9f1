"""What it costs to look at a program that waits: the collector's CPU time, in percent of one core, while the program does nothing
but wait. The collector's own clocks are read when the program has settled, and some seconds later.
"""

import glob
import os
import subprocess
import tempfile
import time

from . import places, process, text

CASES = (("threads", 1), ("threads", 100), ("threads", 1_000), ("tasks", 1_000), ("tasks", 100_000))
BOUNDS = {"100 threads": 3, "100000 tasks": 5}  # of one core, in percent


def measure(seconds, say):
    """{"100 threads": percent of a core, ...}"""
    found = {}
    for kind, number in CASES:
        say(f"waiting: {number} {kind}")
        found[f"{number} {kind}"] = _percent(kind, number, seconds)
    return found


def _percent(kind, number, seconds):
    settling = 2 + number / 20_000  # so many tasks and threads take a while to start
    program = [os.path.join(places.WORKLOADS, "waiting.py"), kind, str(number), str(settling + seconds + 1)]
    with tempfile.TemporaryDirectory() as directory:
        with subprocess.Popen([places.SCALENE, "run", "--cpu-only", "-o", "profile.json", *program], cwd=directory,
                              env=process.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            time.sleep(settling)
            began, cpu = time.monotonic(), _cpu_sec(run.pid)
            time.sleep(seconds)
            spent, elapsed = _cpu_sec(run.pid) - cpu, time.monotonic() - began
        if run.returncode != 0:
            raise SystemExit(f"benchmarks/run: {number} waiting {kind}: status {run.returncode}")
    return 100 * spent / elapsed


def _cpu_sec(pid):
    """Of all its threads, in s."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path) as file:
            total += int(file.read().split()[0])
    return total * 1e-9


def table(found):
    rows = [[name, f"{percent:.2f} %"] for name, percent in found.items()]
    return "CPU time of the collector beside a program that only waits, of one core\n\n" + text.table(["waiting", "collector"],
                                                                                                      rows)


def bounds(found):
    return [(f"CPU time of the collector, {name} waiting", f"{found[name]:.2f} %", f"{bound} %", found[name] <= bound)
            for name, bound in BOUNDS.items() if name in found]
