"""Calls into C of some tenths of a second each, followed by a cheap line.

    long_call.py TRUTH CALLS
"""

import hashlib
import sys
import time

from ground_truth import Clocks

clocks = Clocks()
for _ in range(int(sys.argv[2])):
    began = time.thread_time()
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 600000)  #: call
    clocks.add("call", time.thread_time() - began)
    x = 1  #: cheap
    y = x  #: cheap
clocks.write(sys.argv[1])
