"""Forbids others to read its memory, then sleeps and works.

    undumpable.py TRUTH SECONDS
"""

import ctypes
import sys
import time

from ground_truth import Clocks

PR_SET_DUMPABLE = 4

clocks = Clocks()
ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
began = time.perf_counter()
time.sleep(float(sys.argv[2]))
clocks.add("sleep", time.perf_counter() - began)
began = time.thread_time()
while time.thread_time() < began + float(sys.argv[2]):  #: work
    pass  #: work
clocks.add("work", time.thread_time() - began)
clocks.write(sys.argv[1])
