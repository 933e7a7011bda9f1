"""A parent that forks a child, waits for it, and only then computes (behaviour row 55).

    fork_wait_compute.py TRUTH SECONDS
"""

import os
import sys

from ground_truth import Clocks


def child(count):  #: child
    value = 1  #: child
    for i in range(count * 100):  #: child
        value = (value * 31 + i) % 1000003  #: child


def compute(count):  #: compute
    value = 1  #: compute
    for i in range(count * 100):  #: compute
        value = (value * 31 + i) % 1000003  #: compute


clocks = Clocks()
seconds = float(sys.argv[2])
reading, writing = os.pipe()
pid = os.fork()
if pid == 0:
    clocks.spend(seconds / 2, "child", child)
    os.write(writing, repr((clocks.seconds["child"], clocks.blocks["child"])).encode())
    os._exit(0)
os.waitpid(pid, 0)
clocks.spend(seconds, "compute", compute)
child_seconds, child_blocks = os.read(reading, 100).decode().strip("()").split(", ")
clocks.add("child", float(child_seconds), int(child_blocks))
clocks.write(sys.argv[1])
