"""Garbage collections, on request and by themselves, beside plain Python and plain C.

    garbage_collections.py TRUTH SECONDS
"""

import gc
import sys

from ground_truth import Clocks

KEPT = [[i] for i in range(50000)]
# Slow to compare, so that freeing the result, which is Python's own work, does not count beside sorting it.
RECORDS = [tuple("%s%d" % ("same" * 25, j) for j in range(8)) + ((i * 7919) % 10007,) for i in range(2000)]


def collect(count):
    for _ in range(count):
        gc.collect()  #: collect


def python(count):  #: python
    value = 1  #: python
    for i in range(count * 100):  #: python
        value = (value * 31 + i) % 1000003  #: python
    return value  #: python


def sort(count):
    for _ in range(count):
        sorted(RECORDS)  #: sorted


clocks = Clocks()
clocks.alternate(float(sys.argv[2]), {"collect": (1, collect), "python": (1, python), "sorted": (1, sort)})
clocks.write(sys.argv[1])
