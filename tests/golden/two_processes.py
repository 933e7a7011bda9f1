"""A little of everything that becomes a record: a thread, a fork, recursion, a marked function, names beyond ASCII."""
import hashlib
import os
import threading
import time


def spin(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(500))


def down(depth):
    return down(depth - 1) if depth else spin(0.03)


@profile  # noqa: F821  (the profiler's own name)
def größe():
    spin(0.03)


class Worker(threading.Thread):
    def run(self):
        hashlib.pbkdf2_hmac("sha256", b"", b"", 60_000)
        spin(0.03)


down(5)
größe()
worker = Worker()
worker.start()
worker.join()
child = os.fork()
if child == 0:
    spin(0.03)
    os._exit(0)
os.waitpid(child, 0)
