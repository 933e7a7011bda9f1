"""Pure Python beside calls into C: each kind of work on a line of its own, each C call followed by a cheap line.

    python_against_c.py TRUTH SECONDS
"""

import hashlib
import re
import sys
import zlib

from ground_truth import Clocks

BYTES = bytes(range(256)) * 4096  # 1 MiB
NUMBERS = [(i * 7919) % 100003 for i in range(20000)]
# Slow to compare, so that freeing the result, which is Python's own work, does not count beside sorting it.
RECORDS = [tuple("%s%d" % ("same" * 25, j) for j in range(8)) + ((i * 7919) % 10007,) for i in range(2000)]
TEXT = "the quick brown fox jumps over the lazy dog 0123456789 " * 400
LONG_TEXT = "x" * (1 << 22)
PATTERN = re.compile(r"\w+\s\d+z")  # nowhere in TEXT
done = 0


def python(count):  #: python
    value = 1  #: python
    table = {}  #: python
    for i in range(count * 100):  #: python
        value = (value * 31 + i) % 1000003  #: python
        table[i & 255] = value  #: python
        if table[i & 127] > 500000:  #: python
            value += 0.5 if value < 0 else 1  #: python
    return value  #: python


def sort(count):
    global done
    for _ in range(count):
        sorted(RECORDS)  #: sorted
        done += 1  #: cheap


def add(count):
    global done
    for _ in range(count):
        sum(NUMBERS)  #: sum
        done += 1  #: cheap


def digest(count):
    global done
    for _ in range(count):
        hashlib.sha256(BYTES)  #: hashlib
        done += 1  #: cheap


def match(count):
    global done
    for _ in range(count):
        PATTERN.search(TEXT)  #: re
        done += 1  #: cheap


def deflate(count):
    global done
    for _ in range(count):
        zlib.compress(BYTES, 1)  #: zlib
        done += 1  #: cheap


def copy(count):
    global done
    text = LONG_TEXT
    for _ in range(count):
        text[1:]  #: copy
        done += 1  #: cheap


clocks = Clocks()
clocks.alternate(float(sys.argv[2]), {
    "python": (4, python), "sorted": (1, sort), "sum": (1, add), "hashlib": (1, digest), "re": (1, match),
    "zlib": (1, deflate), "copy": (1, copy),
})
clocks.write(sys.argv[1])
