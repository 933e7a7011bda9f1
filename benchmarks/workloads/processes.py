"""The same work, divided among N forked processes that run side by side.    processes.py N"""

import os
import sys

import pyperf

STEPS = 48_000_000


def work(steps):
    total = 0
    for i in range(steps):
        total += i & 3
    return total


def main(count):
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            work(STEPS // count)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


main(int(sys.argv[1]))
pyperf.report()
