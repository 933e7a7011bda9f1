"""Clocks inside a test program: the true answers that a profile of it is compared with.

    clocks = Clocks()
    clocks.alternate(seconds, {"label": (share, work), ...})     work(n) does n units
    clocks.write(path)                                           {"seconds": {label: s}, "blocks": {label: n}, ...}

Work runs in blocks of BLOCK_SEC on average, timed with the thread's own CPU clock (user and kernel time). Blocks are far
longer than the time to read the clock (0.3 us), so the truth is good to 0.01 %, and longer than the interval between
samples, so that the sampling error is that of their borders only (tests/support/bounds.py). Their length varies at
random, so that they cannot run in step with the kernel's tick.

Runs on every Python from 3.8 on. Imports little: the imports of a program are part of its profile.
"""

import json
import os
import time

BLOCK_SEC = 0.06


def delay():
    """What this thread has waited for a CPU, in s: the machine's fault, not the program's."""
    with open("/proc/thread-self/schedstat") as file:
        return int(file.read().split()[1]) * 1e-9


def stolen():
    """What the host of a virtual machine has taken of each CPU, in s: time that a thread which had the CPU seems to have waited."""
    with open("/proc/stat") as file:
        return int(file.readline().split()[8]) / os.sysconf("SC_CLK_TCK") / os.cpu_count()


class Clocks:
    def __init__(self):
        self.seconds = {}
        self.blocks = {}
        self.facts = {}
        self._units = {}  # label -> units of work that take about BLOCK_SEC
        self._random = 12345
        self._began_cpu = time.process_time()
        self._began_wall = time.perf_counter()
        self._began_delay = delay()
        self._began_stolen = stolen()

    def add(self, label, seconds, blocks=1):
        self.seconds[label] = self.seconds.get(label, 0.0) + seconds
        self.blocks[label] = self.blocks.get(label, 0) + blocks

    def block(self, label, work):
        """Runs work(n) once, for about BLOCK_SEC, on this label's account."""
        units = self._units.get(label, 1.0)
        count = max(1, int(units * self._jitter()))
        began = time.thread_time()
        work(count)
        took = time.thread_time() - began
        self.add(label, took)
        # Grows towards the block's length in steps: the first calls of a function are not typical of it.
        self._units[label] = min(units * 4, count * BLOCK_SEC / max(took, 1e-6))

    def spend(self, seconds, label, work):
        """Blocks of one kind, for so many CPU seconds."""
        until = self.seconds.get(label, 0.0) + seconds
        while self.seconds.get(label, 0.0) < until:
            self.block(label, work)

    def alternate(self, seconds, plan):
        """Blocks of several kinds: always the one that is furthest behind its share."""
        for label in plan:
            self.seconds.setdefault(label, 0.0)
        began = sum(self.seconds[label] for label in plan)
        while sum(self.seconds[label] for label in plan) - began < seconds:
            label = min(plan, key=lambda name: self.seconds[name] / plan[name][0])
            self.block(label, plan[label][1])

    def as_dict(self):
        return {
            "seconds": self.seconds, "blocks": self.blocks, "facts": self.facts,
            "cpu": time.process_time() - self._began_cpu, "wall": time.perf_counter() - self._began_wall,
            "delay": delay() - self._began_delay,  # of this thread alone
            "stolen": stolen() - self._began_stolen,
        }

    def write(self, path):
        with open(path, "w") as file:
            json.dump(self.as_dict(), file)

    def _jitter(self):
        self._random = (self._random * 1103515245 + 12345) % 2147483648
        return 0.5 + self._random / 2147483648.0
