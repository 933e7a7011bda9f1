"""A lock that one thread holds for 70 % of the time, while it sleeps; another one takes it again and again.

    held_lock.py TRUTH SECONDS
"""

import sys
import threading
import time

from ground_truth import Clocks


def hold(end):
    while time.perf_counter() < end:
        with lock:
            time.sleep(0.28)  #: hold
        time.sleep(0.12)


def take(end):
    while time.perf_counter() < end:
        began = time.perf_counter()
        lock.acquire()  #: take
        clocks.add("take", time.perf_counter() - began)
        lock.release()
        time.sleep(0.06)


clocks = Clocks()
lock = threading.RLock()
end = time.perf_counter() + float(sys.argv[2])
holder = threading.Thread(target=hold, args=(end,))
holder.start()
take(end)
holder.join()
clocks.write(sys.argv[1])
