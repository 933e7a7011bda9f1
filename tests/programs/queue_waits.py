"""Threads that wait in queues, events and semaphores: they stand inside `with` blocks of locks which they have given back,
while another thread, which nothing shows, has those locks, and a third waits for them.

    queue_waits.py TRUTH SECONDS
"""

import queue
import sys
import threading
import time

from ground_truth import Clocks


def wait_for_job():
    jobs.get()  #: waits


def wait_for_event():
    event.wait()  #: waits


def wait_for_permit():
    permits.acquire()  #: waits


def hold(lock):
    lock.acquire()
    held.set()
    time.sleep(0.05)
    lock.release()


clocks, held = Clocks(), threading.Event()
jobs, event, permits = queue.Queue(), threading.Event(), threading.Semaphore(0)
threads = [threading.Thread(target=wait) for wait in (wait_for_job, wait_for_event, wait_for_permit) for _ in range(3)]
for thread in threads:
    thread.start()
time.sleep(0.1)
end = time.perf_counter() + float(sys.argv[2])
while time.perf_counter() < end:
    for lock in (jobs.mutex, event._cond, permits._cond):
        held.clear()
        holder = threading.Thread(target=hold, args=(lock,))
        holder.start()
        held.wait()
        began = time.perf_counter()
        with lock:  #: takes
            clocks.add("takes", time.perf_counter() - began)
        holder.join()
event.set()
for _ in range(3):
    jobs.put(None)
    permits.release()
for thread in threads:
    thread.join()
clocks.write(sys.argv[1])
