"""About the same work, spread over N code objects that all stay alive, each with a name of its own.

    code_objects.py N
"""

import random
import sys
import types

import pyperf

CALLS = 100_000  # of work that takes some 25 microseconds: more calls than any sampler can see


def template():
    total = 0
    for i in range(500):
        total += i & 3
    return total


def main(count):
    code = template.__code__
    functions = [types.FunctionType(code.replace(co_name=f"f{number}"), {})
                 for number in range(count)]
    chance = random.Random(1)
    for _ in range(CALLS):
        functions[chance.randrange(count)]()


main(int(sys.argv[1]))
pyperf.report()
