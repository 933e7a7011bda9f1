"""Four forked workers hold 100 MiB each at the same time."""

import os
import sys
import time

readable, writable = os.pipe()
started = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        block = bytearray(b"x") * (100 << 20)  #: worker
        os.write(writable, b"1")
        time.sleep(1.0)
        os._exit(0)
    started.append(child)
for child in started:
    os.waitpid(child, 0)
