"""Threads with names, each of which sleeps; one of them is born while the others sleep.

    named_threads.py TRUTH SECONDS
"""

import sys
import threading
import time

from ground_truth import Clocks, delay


def wait(label):
    began, delayed = time.perf_counter(), delay()
    time.sleep(seconds)  #: sleep
    clocks.add(label, time.perf_counter() - began - (delay() - delayed))


clocks = Clocks()
seconds = float(sys.argv[2])
threads = [threading.Thread(target=wait, args=(name,), name=name) for name in ("first", "zwölf", "late")]
for thread in threads[:2]:
    thread.start()
time.sleep(seconds / 3)
threads[2].start()
for thread in threads:
    thread.join()
clocks.write(sys.argv[1])
