"""A thread that computes beside one that collects garbage in a large heap. A build without the GIL stops the world for that: the
clock of the first says for how long, as steps between two readings.

    stopped_world.py TRUTH SECONDS
"""

import gc
import sys
import threading
import time

from ground_truth import Clocks, delay

LONG_STEP = 0.004


def collect(end):
    while time.perf_counter() < end:
        gc.collect()
        time.sleep(0.05)


def compute(end):
    stopped, last, delayed = 0.0, time.perf_counter(), delay()
    while last < end:  #: compute
        now = time.perf_counter()  #: compute
        if now - last > LONG_STEP:  #: compute
            stopped += now - last
        last = now  #: compute
    clocks.facts["delay"] = delay() - delayed
    clocks.add("compute", stopped)


clocks = Clocks()
gc.disable()
heap = [[number] for number in range(1_000_000)]
end = time.perf_counter() + float(sys.argv[2])
collector = threading.Thread(target=collect, args=(end,))
collector.start()
compute(end)
collector.join()
clocks.write(sys.argv[1])
