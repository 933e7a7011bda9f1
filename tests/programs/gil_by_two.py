"""Two threads that compute: while one has the GIL, the other waits for it. Each thread's clocks say how long it had no CPU.

    gil_by_two.py TRUTH SECONDS
"""

import sys
import threading
import time

from ground_truth import Clocks, delay


def note(label, began, delayed):
    delayed = delay() - delayed
    clocks.add(label, time.perf_counter() - began - time.thread_time() - delayed)
    clocks.facts[label] = delayed


def first(end):
    began, delayed, value = time.perf_counter(), delay(), 1
    while time.perf_counter() < end:  #: first
        for i in range(2000):  #: first
            value = (value * 31 + i) % 1000003  #: first
    note("first", began, delayed)


def second(end):
    began, delayed, value = time.perf_counter(), delay(), 1
    while time.perf_counter() < end:  #: second
        for i in range(2000):  #: second
            value = (value * 31 + i) % 1000003  #: second
    note("second", began, delayed)


clocks = Clocks()
end = time.perf_counter() + float(sys.argv[2])
threads = [threading.Thread(target=work, args=(end,)) for work in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
clocks.write(sys.argv[1])
