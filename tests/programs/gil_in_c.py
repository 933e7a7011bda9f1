"""A C call that keeps the GIL while it sleeps, beside a thread that computes: how long that one had to wait.

    gil_in_c.py TRUTH SECONDS

A clock read after the call would say too much: the interpreter gives the GIL away between the call and the next one, and
that gets it back only after the switch interval. So the calls are counted.
"""

import ctypes
import sys
import threading
import time

from ground_truth import Clocks, delay


def keep(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        libc.usleep(60_000)  #: keep
        clocks.facts["kept"] += 0.06
        time.sleep(0.02)
    done.append(True)


def compute():
    began, cpu, delayed, value = time.perf_counter(), time.thread_time(), delay(), 1
    while not done:  #: compute
        for i in range(2000):  #: compute
            value = (value * 31 + i) % 1000003  #: compute
    delayed = delay() - delayed
    clocks.add("compute", time.perf_counter() - began - (time.thread_time() - cpu) - delayed)
    clocks.facts["compute"] = delayed


clocks = Clocks()
clocks.facts["kept"] = 0.0
done = []
libc = ctypes.PyDLL(None)
thread = threading.Thread(target=keep, args=(float(sys.argv[2]),))
thread.start()
compute()
thread.join()
clocks.write(sys.argv[1])
