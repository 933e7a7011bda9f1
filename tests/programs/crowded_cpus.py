"""A loop that computes on two CPUs that three other processes want, too. The kernel says how long it waited for one.

    crowded_cpus.py TRUTH SECONDS
"""

import os
import subprocess
import sys
import time

from ground_truth import Clocks, delay


def compute():
    began = delay()
    end = time.perf_counter() + float(sys.argv[2])
    while time.perf_counter() < end:  #: compute
        for i in range(1000):  #: compute
            pass  #: compute
    clocks.facts["compute"] = delay() - began


clocks = Clocks()
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
others = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(3)]
compute()
for other in others:
    other.kill()
    other.wait()
time.sleep(0.02)  # so that the last delay shows before the end
clocks.facts["life"] = delay()  # before its clocks began, too
clocks.write(sys.argv[1])
