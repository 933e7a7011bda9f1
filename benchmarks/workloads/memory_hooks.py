"""One kind of memory work, several times; prints the CPU seconds of the fastest turn as its only line.

    memory_hooks.py KIND LIBRARY
"""

import ctypes
import sys
import time

kind, library = sys.argv[1], ctypes.CDLL(sys.argv[2])
library.malloc_free.argtypes = library.copies.argtypes = [ctypes.c_long, ctypes.c_long]


def small_objects():
    kept = []
    for i in range(200000):
        kept.append((i, [i], {}))
    return len(kept)


def many_objects():
    for _ in range(20):
        [str(i) for i in range(500000)]


def slices_of_64_bytes():
    source, target = bytes(range(256)) * 4, bytearray(1024)
    for _ in range(1000000):
        target[128:192] = source[640:704]
    return target


def slices_of_64_mib():
    source, target = bytes(64 << 20), bytearray(64 << 20)
    for _ in range(5):
        target[:] = source
    return target


WORK = {
    "small objects": small_objects,
    "malloc/free pairs": lambda: library.malloc_free(5000000, 1),
    "malloc/free pairs, 8 threads": lambda: library.malloc_free(500000, 8),
    "copies of 64 bytes": lambda: library.copies(20000000, 64),
    "copies of 64 MiB": lambda: library.copies(10, 64 << 20),
    "slices of 64 bytes": slices_of_64_bytes,
    "slices of 64 MiB": slices_of_64_mib,
    "10,000,000 allocations": many_objects,
}


def turn():
    began = time.process_time()
    WORK[kind]()
    return time.process_time() - began


WORK[kind]()
print(min(turn() for _ in range(3 if kind == "10,000,000 allocations" else 7)))
