"""Allocations whose sizes are known, one kind on each marked line. Writes the true MiB by label as JSON.

    memory_lines.py TRUTH
"""

import json
import sys

MIB = 1 << 20
truth = {}
kept = []


def arrays():
    kept.append(bytearray(1 * MIB))  #: one
    kept.append(bytearray(64 * MIB))  #: many
    kept.append(bytes(512 * MIB))  #: untouched
    half = bytearray(128 * MIB)  #: half
    for page in range(0, 64 * MIB, 4096):
        half[page] = 1
    kept.append(half)
    truth.update(one=1, many=64, untouched=512, half=128)


def operators(a, b):
    kept.append(a + b)  #: plus
    kept.append(a[1:])  #: slice
    kept.append("x" * (8 * MIB))  #: repeat
    kept.append(b"".join([a, b, a]))  #: join
    text = "y" * (4 * MIB)  #: text
    text += text  #: grown
    kept.append(text)
    truth.update(plus=20, slice=10, repeat=8, join=30, text=4, grown=8)


def churn():
    for _ in range(20):
        block = bytearray(10 * MIB)  #: churn
    del block
    truth["churn"] = 200


def reallocation():
    block = bytearray()
    for _ in range(32):
        block.extend(bytes(2 * MIB))  #: realloc
    kept.append(block)


def small_objects():
    values = [None] * 400000
    for i in range(400000):
        values[i] = []  #: lists
    kept.append(values)


def arithmetic():
    total = 1.5
    for i in range(300000):
        total = total * 1.0001 % 7.0  #: arithmetic
    return total


arrays()
operators(bytes(10 * MIB), bytes(10 * MIB))
churn()
reallocation()
small_objects()
arithmetic()
truth["list_bytes"] = sys.getsizeof([])
with open(sys.argv[1], "w") as file:
    json.dump(truth, file)
