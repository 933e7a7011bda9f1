"""System calls that work in the kernel, beside pure Python, and lines that touch new memory.

    system_calls.py TRUTH SECONDS

Kernel time of page faults stays with the instruction that caused them; `faults` is native and system together.
"""

import os
import sys

from ground_truth import Clocks

zeros = os.open("/dev/zero", os.O_RDONLY)
buffer = bytearray(1 << 22)


def python(count):  #: python
    value = 1  #: python
    for i in range(count * 100):  #: python
        value = (value * 31 + i) % 1000003  #: python
    return value  #: python


def calls(count):
    for _ in range(count):
        os.readv(zeros, [buffer])  #: calls


def faults(count):
    for _ in range(count):
        bytearray(b"x") * (8 << 20)  #: faults


clocks = Clocks()
clocks.alternate(float(sys.argv[2]), {"python": (1, python), "calls": (2, calls), "faults": (2, faults)})
clocks.write(sys.argv[1])
