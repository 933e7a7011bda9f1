"""One busy thread beside twenty that wait, in six ways. The busy one is the main thread.

    busy_beside_waiters.py TRUTH SECONDS
"""

import queue
import socket
import sys
import threading
import time

from ground_truth import Clocks


def on_event():
    event.wait()  #: waits


def on_lock():
    with held:  #: waits
        pass


def on_queue():
    jobs.get()  #: waits


def on_condition():
    with condition:
        condition.wait()  #: waits


def on_socket():
    near.recv(1)  #: waits


def on_sleep():
    time.sleep(seconds + 60)  #: waits


def busy():
    end = time.process_time() + seconds  #: busy
    while time.process_time() < end:  #: busy
        pass  #: busy


clocks = Clocks()
seconds = float(sys.argv[2])
event, held, jobs, condition = threading.Event(), threading.RLock(), queue.Queue(), threading.Condition()
near, far = socket.socketpair()
held.acquire()
ways = [on_event, on_lock, on_queue, on_condition, on_socket, on_sleep]
for number in range(20):
    threading.Thread(target=ways[number % len(ways)], daemon=True).start()
busy()
clocks.add("busy", time.process_time())
clocks.write(sys.argv[1])
