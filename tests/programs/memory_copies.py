"""Copies of a known volume: large ones, and many small ones. Writes the true MiB by label.

    memory_copies.py TRUTH LIBRARY
"""

import ctypes
import json
import sys

MIB = 1 << 20
library = ctypes.CDLL(sys.argv[2])
library.copy_many.argtypes = [ctypes.c_long, ctypes.c_long]
block = bytes(64 * MIB)
view = memoryview(bytearray(64 * MIB))

for _ in range(16):
    view[:] = block  #: large
library.append_many(ctypes.c_long(400))  #: text
library.copy_many(4000, 256 * 1024)  #: middle
library.copy_many(80000000, 64)  #: small
with open(sys.argv[1], "w") as file:
    json.dump({"large": 1024, "middle": 1000, "text": 25, "small": 80000000 * 64 / MIB}, file)
