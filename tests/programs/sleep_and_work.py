"""Sleeps and works by turns, 3 : 1.

    sleep_and_work.py TRUTH SECONDS
"""

import sys
import time

from ground_truth import Clocks, delay


def sleep():
    began, delayed = time.perf_counter(), delay()
    time.sleep(0.15)  #: sleep
    clocks.add("sleep", time.perf_counter() - began - (delay() - delayed))


def work():
    began = time.thread_time()
    while time.thread_time() < began + 0.05:  #: work
        pass  #: work
    clocks.add("work", time.thread_time() - began)


clocks = Clocks()
while clocks.seconds.get("sleep", 0.0) + clocks.seconds.get("work", 0.0) < float(sys.argv[2]):
    sleep()
    work()
clocks.write(sys.argv[1])
