"""Work inside the standard library's own Python code: it belongs to the lines that call it.

    library_callers.py TRUTH SECONDS
"""

import copy
import fractions
import json
import sys
import textwrap

from ground_truth import Clocks

DATA = {"key %d" % i: [i, str(i), {"nested": (i, i + 1)}] for i in range(20)}
PROSE = "the quick brown fox jumps over the lazy dog " * 20


def copies(count):
    for _ in range(count):
        copy.deepcopy(DATA)  #: deepcopy


def wraps(count):
    for _ in range(count):
        textwrap.fill(PROSE, 60)  #: textwrap


def dumps(count):
    for _ in range(count):
        json.dumps(DATA, indent=1, sort_keys=True)  #: json


def harmonic(count):
    for _ in range(count):
        sum(fractions.Fraction(1, k) for k in range(1, 20))  #: fractions


clocks = Clocks()
clocks.alternate(float(sys.argv[2]), {
    "deepcopy": (1, copies), "textwrap": (1, wraps), "json": (1, dumps), "fractions": (1, harmonic),
})
clocks.write(sys.argv[1])
