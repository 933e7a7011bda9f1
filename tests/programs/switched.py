"""Suspends and resumes its own profiling while two threads burn CPU time.

    switched.py TRUTH SECONDS

"cpu" of the truth is the CPU time of the whole process while profiling was on.
"""

import ctypes
import sys
import threading
import time

from ground_truth import Clocks

switch = ctypes.CDLL(None).scalene_switch
clocks = Clocks()
done = False


def beside():
    while not done:
        sum(range(2000))  #: beside


def recorded(count):
    for i in range(20_000 * count):
        i * i  #: recorded


def suspended(count):
    for i in range(20_000 * count):
        i * i  #: suspended


thread = threading.Thread(target=beside)
thread.start()
on_sec = 0.0
until = time.perf_counter() + float(sys.argv[2])
began = time.process_time()
while time.perf_counter() < until:
    clocks.block("recorded", recorded)
    assert switch(0) == 0 and switch(0) == 0
    on_sec += time.process_time() - began
    clocks.block("suspended", suspended)
    assert switch(1) == 0 and switch(1) == 0
    began = time.process_time()
done = True
thread.join()
clocks.facts["on_sec"] = on_sec + time.process_time() - began
clocks.write(sys.argv[1])
