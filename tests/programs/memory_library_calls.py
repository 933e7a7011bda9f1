"""Allocations that happen inside the interpreter and its libraries, one kind on each marked line. Writes the true MiB by
label: of large blocks what they hold, of small ones what was asked for.

    memory_library_calls.py TRUTH
"""

import gc
import json
import pickle
import sys

MIB = 1 << 20
truth = {}
kept = []


def large_results(items, pickled):
    kept.append(sorted(items))  #: sorted
    truth["sorted"] = sys.getsizeof(kept[-1]) / MIB
    kept.append(pickle.loads(pickled))  #: unpickled
    truth["unpickled"] = 20


def small_results(count):
    texts = [None] * count
    for i in range(count):
        texts[i] = f"{i:0300d}"  #: fstrings
    truth["fstrings"] = count * sys.getsizeof(texts[0]) / MIB
    numbers = [i for i in range(1000, 1000 + count)]  #: comprehension
    truth["comprehension"] = (sys.getsizeof(numbers) + count * sys.getsizeof(1000)) / MIB
    kept.extend([texts, numbers])


class Node:
    pass


def cycles():
    for _ in range(30):
        for _ in range(5):
            node = Node()
            node.itself = node
            node.block = bytearray(MIB)  #: cycles
        gc.collect()
    del node
    gc.collect()
    truth["cycles"] = 150


def pipeline():
    made = (bytes(200000) for _ in range(500))  #: made
    halves = (block[:100000] for block in made)  #: halves
    return sum(len(half) for half in halves)


large_results([0] * (2 * MIB), pickle.dumps(bytes(20 * MIB), 4))
small_results(100000)
cycles()
pipeline()
with open(sys.argv[1], "w") as file:
    json.dump(truth, file)
