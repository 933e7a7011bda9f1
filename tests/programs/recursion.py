"""Work at the bottom of 5 and of 900 frames, and work on every level of a recursion.

    recursion.py TRUTH SECONDS
"""

import sys

from ground_truth import Clocks

sys.setrecursionlimit(5000)
FEW = range(100)  # made once: making a range is a call into C


def shallow(depth, count):  #: shallow
    if depth:  #: shallow
        return shallow(depth - 1, count)  #: shallow
    value = 1  #: shallow
    for i in range(count):  #: shallow
        value = (value * 31 + i) % 1000003  #: shallow
    return value  #: shallow


def deep(depth, count):  #: deep
    if depth:  #: deep
        return deep(depth - 1, count)  #: deep
    value = 1  #: deep
    for i in range(count):  #: deep
        value = (value * 31 + i) % 1000003  #: deep
    return value  #: deep


def every_level(depth):  #: every_level
    value = depth  #: every_level
    for i in FEW:  #: every_level
        value = (value * 31 + i) % 1000003  #: every_level
    if depth:  #: every_level
        value += every_level(depth - 1)  #: every_level
    return value  #: every_level


def every_level_often(count):  #: every_level
    for _ in range(count):  #: every_level
        every_level(200)  #: every_level


clocks = Clocks()
clocks.alternate(float(sys.argv[2]), {
    "shallow": (1, lambda n: shallow(5, n * 1000)),
    "deep": (1, lambda n: deep(900, n * 1000)),
    "every_level": (1, every_level_often),
})
clocks.write(sys.argv[1])
