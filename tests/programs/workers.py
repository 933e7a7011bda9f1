"""One worker of every kind, each with lines of its own, one after the other.

    workers.py TRUTH SECONDS      SECONDS of CPU time for each worker

Workers write their clocks to TRUTH.<label>.<pid>; the parent adds them up.
"""

import concurrent.futures
import glob
import json
import multiprocessing
import os
import subprocess
import sys

from ground_truth import Clocks


def in_fork(count):  #: os_fork
    value = 1  #: os_fork
    for i in range(count * 100):  #: os_fork
        value = (value * 31 + i) % 1000003  #: os_fork


def in_mp_fork(count):  #: mp_fork
    value = 1  #: mp_fork
    for i in range(count * 100):  #: mp_fork
        value = (value * 31 + i) % 1000003  #: mp_fork


def in_mp_spawn(count):  #: mp_spawn
    value = 1  #: mp_spawn
    for i in range(count * 100):  #: mp_spawn
        value = (value * 31 + i) % 1000003  #: mp_spawn


def in_mp_forkserver(count):  #: mp_forkserver
    value = 1  #: mp_forkserver
    for i in range(count * 100):  #: mp_forkserver
        value = (value * 31 + i) % 1000003  #: mp_forkserver


def in_pool(count):  #: pool
    value = 1  #: pool
    for i in range(count * 100):  #: pool
        value = (value * 31 + i) % 1000003  #: pool


def in_executor(count):  #: executor
    value = 1  #: executor
    for i in range(count * 100):  #: executor
        value = (value * 31 + i) % 1000003  #: executor


def in_subprocess(count):  #: subprocess
    value = 1  #: subprocess
    for i in range(count * 100):  #: subprocess
        value = (value * 31 + i) % 1000003  #: subprocess


def in_parent(count):  #: parent
    value = 1  #: parent
    for i in range(count * 100):  #: parent
        value = (value * 31 + i) % 1000003  #: parent


def work(label, truth, seconds):
    """Runs in the worker. A pool's worker may do this several times."""
    clocks = Clocks()
    clocks.spend(seconds, label, {
        "os_fork": in_fork, "mp_fork": in_mp_fork, "mp_spawn": in_mp_spawn, "mp_forkserver": in_mp_forkserver,
        "pool": in_pool, "executor": in_executor, "subprocess": in_subprocess}[label])
    clocks.write("%s.%s.%d.%d" % (truth, label, os.getpid(), int(1e6 * seconds)))


def start_process(method, truth, seconds):
    process = multiprocessing.get_context(method).Process(target=work, args=("mp_" + method, truth, seconds))
    process.start()
    process.join()
    assert process.exitcode == 0, "%s worker ended with %s" % (method, process.exitcode)


def main(truth, seconds):
    clocks = Clocks()
    child = os.fork()
    if child == 0:
        work("os_fork", truth, seconds)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    for method in ("fork", "spawn", "forkserver"):
        start_process(method, truth, seconds)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.starmap(work, [("pool", truth, seconds / 4), ("pool", truth, seconds / 3), ("pool", truth, seconds / 5)], 1)
        pool.close()
        pool.join()
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as executor:
        executor.submit(work, "executor", truth, seconds).result()
    subprocess.run([sys.executable, os.path.abspath(__file__), "--worker", truth, str(seconds)], check=True)
    clocks.spend(seconds, "parent", in_parent)
    for path in glob.glob(truth + ".*"):
        with open(path) as file:
            worker = json.load(file)
        for label in worker["seconds"]:
            clocks.add(label, worker["seconds"][label], worker["blocks"][label])
    clocks.write(truth)


if __name__ == "__main__":
    if sys.argv[1] == "--worker":
        work("subprocess", sys.argv[2], float(sys.argv[3]))
    else:
        main(sys.argv[1], float(sys.argv[2]))
