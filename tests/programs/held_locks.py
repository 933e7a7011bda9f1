"""Locks that one thread holds for 70 % of the time, half of it asleep and half computing, while another one takes them again
and again: how long it waited, and where the holder was meanwhile.

    held_locks.py TRUTH SECONDS     about SECONDS for each way to hold one
"""

import sys
import threading
import time

from ground_truth import Clocks, delay

now = time.perf_counter


def keep():
    began = now()
    time.sleep(0.07)  #: asleep
    slept = now()
    while now() < slept + 0.07:  #: busy
        pass  #: busy
    spans.append((began, slept, now()))


def hold_until(end):
    while now() < end:
        lock.acquire()
        keep()
        lock.release()
        time.sleep(0.06)


def hold_with_until(end):
    while now() < end:
        with lock:
            keep()
        time.sleep(0.06)


def take_owned():
    lock.acquire()  #: owned


def take_in_with():
    lock.acquire()  #: inside


def take_condition():
    lock.acquire()  #: condition


def take_acquired():
    lock.acquire()  #: acquired


def overlap(wait, began, ended):
    return max(0.0, min(wait[1], ended) - max(wait[0], began))


def measure(label, hold, take):
    spans.clear()
    waits, end, delayed = [], now() + float(sys.argv[2]), delay()
    holder = threading.Thread(target=hold, args=(end,))
    holder.start()
    while now() < end:
        began = now()
        take()
        waits.append((began, now()))
        lock.release()
        time.sleep(0.02)
    holder.join()
    clocks.add(label, sum(ended - began for began, ended in waits))
    clocks.facts[label + " asleep"] = sum(overlap(wait, began, slept) for wait in waits for began, slept, _ in spans)
    clocks.facts[label + " busy"] = sum(overlap(wait, slept, done) for wait in waits for _, slept, done in spans)
    clocks.facts[label + " delay"] = delay() - delayed


clocks, spans = Clocks(), []
lock = threading.RLock()
measure("owned", hold_until, take_owned)
lock = threading.Lock()
measure("inside", hold_with_until, take_in_with)
lock = threading.Condition(threading.Lock())
measure("condition", hold_with_until, take_condition)
lock = threading.Lock()
measure("acquired", hold_until, take_acquired)
clocks.write(sys.argv[1])
