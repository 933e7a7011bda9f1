"""Pure Python beside numpy: operators, element-wise work, sorting. Arrays are long: what Python does for an operator is Python time.

    numpy_beside_python.py TRUTH SECONDS
"""

import sys

import numpy

from ground_truth import Clocks

LONG = numpy.arange(200000.0)[::-1].copy()


def python(count):  #: python
    value = 1  #: python
    for i in range(count * 100):  #: python
        value = (value * 31 + i) % 1000003  #: python
    return value  #: python


def elementwise(count):
    out = numpy.empty_like(LONG)
    for _ in range(count):
        numpy.multiply(LONG, LONG, out)  #: elementwise


def operators(count):
    for _ in range(count):
        LONG + LONG * 2.0  #: operators


def sort(count):
    for _ in range(count):
        numpy.sort(LONG)  #: sort


clocks = Clocks()
clocks.alternate(float(sys.argv[2]), {
    "python": (3, python), "elementwise": (1, elementwise), "operators": (1, operators), "sort": (1, sort),
})
clocks.write(sys.argv[1])
