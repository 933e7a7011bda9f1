"""Two CPU-bound threads whose CPU times are as 1 : 3.

    two_threads.py TRUTH SECONDS
"""

import sys
import threading
import time

from ground_truth import Clocks


def small(seconds):  #: small
    end = time.thread_time() + seconds  #: small
    value = 1  #: small
    while time.thread_time() < end:  #: small
        for i in range(2000):  #: small
            value = (value * 31 + i) % 1000003  #: small
    used["small"] = time.thread_time()  #: small


def large(seconds):  #: large
    end = time.thread_time() + seconds  #: large
    value = 1  #: large
    while time.thread_time() < end:  #: large
        for i in range(2000):  #: large
            value = (value * 31 + i) % 1000003  #: large
    used["large"] = time.thread_time()  #: large


clocks = Clocks()
used = {}
seconds = float(sys.argv[2])
threads = [threading.Thread(target=small, args=(seconds / 4,)), threading.Thread(target=large, args=(3 * seconds / 4,))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for label, took in used.items():
    clocks.add(label, took)
clocks.write(sys.argv[1])
