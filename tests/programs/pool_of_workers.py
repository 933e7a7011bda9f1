"""A pool of eight workers of which one is busy; the parent waits for it.

    pool_of_workers.py TRUTH SECONDS
"""

import multiprocessing
import sys
import time

from ground_truth import Clocks


def work(seconds):
    end = time.process_time() + seconds  #: busy
    while time.process_time() < end:  #: busy
        pass  #: busy
    return time.process_time()


if __name__ == "__main__":
    clocks = Clocks()
    with multiprocessing.get_context("fork").Pool(8) as pool:
        clocks.add("busy", pool.apply(work, (float(sys.argv[2]),)))  #: waits
    clocks.write(sys.argv[1])
