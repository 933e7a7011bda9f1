"""A C thread beside a Python thread, which computes, then sleeps, and finally waits for the C thread.

    native_thread.py TRUTH SECONDS LIBRARY     LIBRARY is native_thread.c, compiled
"""

import ctypes
import sys
import time

from ground_truth import Clocks

library = ctypes.CDLL(sys.argv[3])
library.start_thread.argtypes = [ctypes.c_double]
library.join_thread.restype = library.used_so_far.restype = ctypes.c_double


def python(count):  #: python
    value = 1  #: python
    for i in range(count * 100):  #: python
        value = (value * 31 + i) % 1000003  #: python
    return value  #: python


clocks = Clocks()
seconds = float(sys.argv[2])
library.start_thread(seconds)  #: start
clocks.spend(seconds / 2, "python", python)
time.sleep(seconds / 4)  #: sleep
before = library.used_so_far()
used = library.join_thread()  #: join
clocks.facts["joined"] = used - before
clocks.add("native", used)
clocks.write(sys.argv[1])
