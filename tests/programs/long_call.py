"""Calls into C of half a second each, followed by a cheap line.

    long_call.py TRUTH CALLS
"""

import sys
import time

from ground_truth import Clocks

clocks = Clocks()
numbers = [(i * 7919) % 1000003 for i in range(600000)]
for _ in range(int(sys.argv[2])):
    began = time.thread_time()
    sorted(numbers)  #: call
    clocks.add("call", time.thread_time() - began)
    x = 1  #: cheap
    y = x  #: cheap
clocks.write(sys.argv[1])
