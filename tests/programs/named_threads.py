"""Threads with names, each of which sleeps; one of them is born while the others sleep.

    named_threads.py TRUTH SECONDS
"""

import sys
import threading
import time

from ground_truth import Clocks


def wait(label):
    began = time.perf_counter()
    time.sleep(seconds)  #: sleep
    clocks.add(label, time.perf_counter() - began)


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
