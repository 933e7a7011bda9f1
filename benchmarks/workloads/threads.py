"""The same work, divided among N threads that live side by side.    threads.py N"""

import sys
import threading

import pyperf

STEPS = 40_000_000


def work(steps, all_started):
    all_started.wait()
    total = 0
    for i in range(steps):
        total += i & 3
    return total


def main(count):
    all_started = threading.Barrier(count)
    threads = [threading.Thread(target=work, args=(STEPS // count, all_started)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main(int(sys.argv[1]))
pyperf.report()
