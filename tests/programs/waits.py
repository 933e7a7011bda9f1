"""One wait of every kind, each on a line of its own; the program's clocks say how long each took, without what came after it: the
wait for a CPU.

    waits.py TRUTH SECONDS      about SECONDS for each wait
"""

import fcntl
import os
import select
import socket
import subprocess
import sys
import threading
import time

from ground_truth import Clocks, delay


def measured(label, wait):
    began, delayed = time.perf_counter(), delay()
    wait()
    clocks.add(label, time.perf_counter() - began - (delay() - delayed))


def later(action):
    thread = threading.Timer(seconds, action)
    thread.start()
    return thread


def sleep():
    time.sleep(seconds)  #: sleep


def lock():
    mutex.acquire(timeout=seconds)  #: lock


def join():
    thread.join()  #: join


def read():
    os.read(source, 1)  #: read


def write():
    os.write(full, b"y" * 65536)  #: write


def receive():
    near.recv(1)  #: receive


def poll():
    select.select([source], [], [], seconds)  #: poll


def child():
    process.wait()  #: child


def compute():
    end = time.process_time() + seconds  #: compute
    while time.process_time() < end:  #: compute
        pass  #: compute


clocks = Clocks()
seconds = float(sys.argv[2])
mutex = threading.Lock()
mutex.acquire()
near, far = socket.socketpair()
source, sink = os.pipe()
drain, full = os.pipe()
os.write(full, b"x" * fcntl.fcntl(full, fcntl.F_GETPIPE_SZ) if hasattr(fcntl, "F_GETPIPE_SZ") else b"x" * 65536)

measured("sleep", sleep)
measured("lock", lock)
thread = later(lambda: None)
measured("join", join)
thread = later(lambda: os.write(sink, b"x"))
measured("read", read)
thread = later(lambda: os.read(drain, 65536))
measured("write", write)
thread = later(lambda: far.send(b"x"))
measured("receive", receive)
measured("poll", poll)
process = subprocess.Popen(["sleep", str(seconds)])
measured("child", child)
measured("compute", compute)
clocks.write(sys.argv[1])
