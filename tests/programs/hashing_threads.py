"""Two threads that hash: the GIL is released meanwhile, so they run at the same time.

    hashing_threads.py TRUTH SECONDS     SECONDS of CPU time for each thread

facts: `user_rate` = user CPU seconds of the process per wall second while both ran.
"""

import hashlib
import os
import sys
import threading
import time

from ground_truth import Clocks

BLOCK = bytes(1 << 22)


def hash_blocks(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        hashlib.sha256(BLOCK)  #: hash
    used.append(time.thread_time())


clocks = Clocks()
used = []
threads = [threading.Thread(target=hash_blocks, args=(float(sys.argv[2]),)) for _ in range(2)]
began_wall, began = time.perf_counter(), os.times()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
took = time.perf_counter() - began_wall
clocks.facts["user_rate"] = (os.times().user - began.user) / took
clocks.facts["cpus"] = len(os.sched_getaffinity(0))
for seconds in used:
    clocks.add("hash", seconds)
clocks.write(sys.argv[1])
