"""The same arithmetic twice: in a loop that calls a function for it, and in a loop that does it in place.

    calls_or_inlined.py TRUTH SECONDS SHARE    SHARE of the time goes to the loop with calls, its callee included
"""

import sys

from ground_truth import Clocks


def step(value):  #: calls
    return (value * 31 + 7) % 1000003  #: calls


def with_calls(count):  #: calls
    value = 1  #: calls
    for _ in range(count):  #: calls
        value = step(value)  #: calls
    return value  #: calls


def inlined(count):  #: inlined
    value = 1  #: inlined
    for _ in range(count):  #: inlined
        value = (value * 31 + 7) % 1000003  #: inlined
    return value  #: inlined


clocks = Clocks()
share = float(sys.argv[3])
clocks.alternate(float(sys.argv[2]), {
    "calls": (share, lambda n: with_calls(n * 100)),
    "inlined": (1 - share, lambda n: inlined(n * 100)),
})
clocks.write(sys.argv[1])
