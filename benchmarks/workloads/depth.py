"""The same work, below N frames.    depth.py N"""

import sys

import pyperf

STEPS = 40_000_000


def work():
    total = 0
    for i in range(STEPS):
        total += i & 3
    return total


def below(frames):
    return work() if frames <= 1 else below(frames - 1)


sys.setrecursionlimit(20_000)
below(int(sys.argv[1]))
pyperf.report()
