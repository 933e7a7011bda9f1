"""The same work, below N frames.    depth.py N [STEPS]"""

import sys

import pyperf

STEPS = 40_000_000


def work(steps):
    total = 0
    for i in range(steps):
        total += i & 3
    return total


def below(frames, steps):
    return work(steps) if frames <= 1 else below(frames - 1, steps)


sys.setrecursionlimit(20_000)
below(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else STEPS)
pyperf.report()
