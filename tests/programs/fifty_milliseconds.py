"""Computes for 50 ms of CPU time on one line, and ends.

    fifty_milliseconds.py TRUTH
"""

import sys
import time

began = time.process_time()
value = 1
while time.process_time() < began + 0.05:  #: clock
    sum([(value * 31 + i) % 1000003 for i in range(1000)])  #: busy
took = time.process_time() - began
with open(sys.argv[1], "w") as file:
    file.write('{"seconds": {"busy": %r}, "blocks": {"busy": 1}, "cpu": %r}' % (took, time.process_time() - began))
