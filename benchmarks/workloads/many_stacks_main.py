"""Behind 300 functions of 20 lines (bench/ending.py writes them above): calls them along ever new ways.

    many_stacks.py SECONDS
"""

import random
import sys
import time

import pyperf

functions = [value for name, value in sorted(globals().items()) if name.startswith("work_")]


def follow(path, total):
    return functions[path.pop()](path, total) if path else total


def main(seconds):
    chance = random.Random(1)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for _ in range(100):
            follow(chance.choices(range(len(functions)), k=chance.randrange(1, 30)), 0)
    pyperf.report(last_statement=time.monotonic())


main(float(sys.argv[1]))
