"""Computes, and is stopped for a second meanwhile. Its clock says for how long: the largest step between two readings.

    stopped.py TRUTH SECONDS
"""

import subprocess
import sys
import time

from ground_truth import Clocks

clocks = Clocks()
stopper = subprocess.Popen(["sh", "-c", "sleep 0.3; kill -STOP $PPID; sleep %s; kill -CONT $PPID" % sys.argv[2]])
longest, last = 0.0, time.perf_counter()
while stopper.poll() is None:
    now = time.perf_counter()
    longest, last = max(longest, now - last), now
longest = max(longest, time.perf_counter() - last)
clocks.facts["stopped"] = longest
clocks.write(sys.argv[1])
