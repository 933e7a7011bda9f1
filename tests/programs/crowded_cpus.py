"""A loop that computes on two CPUs that three other processes want, too. The kernel says how long it waited for one.

    crowded_cpus.py TRUTH SECONDS [exec]     exec: one of them is a fork of ours at first, long enough to be noticed
"""

import os
import signal
import subprocess
import sys
import time

from ground_truth import Clocks, delay


def compute():
    began = delay()
    end = time.perf_counter() + float(sys.argv[2])
    while time.perf_counter() < end:  #: compute
        for i in range(1000):  #: compute
            pass  #: compute
    clocks.facts["compute"] = delay() - began


def fork_that_becomes_a_shell():
    child = os.fork()
    if child == 0:
        end = time.process_time() + 0.06
        while time.process_time() < end:
            pass
        os.execve("/bin/sh", ["sh", "-c", LOOP], {})
    time.sleep(0.15)
    return child


LOOP = "while :; do :; done"
clocks = Clocks()
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
shell = fork_that_becomes_a_shell() if len(sys.argv) > 3 else 0
others = [subprocess.Popen(["sh", "-c", LOOP]) for _ in range(2 if shell else 3)]
compute()
if shell:
    os.kill(shell, signal.SIGKILL)
    os.waitpid(shell, 0)
for other in others:
    other.kill()
    other.wait()
time.sleep(0.02)  # so that the last delay shows before the end
clocks.facts["life"] = delay()  # before its clocks began, too
clocks.write(sys.argv[1])
