"""Runs one command to its end and says what it cost.

The wall time is that of the whole command, from before the fork to the moment the kernel reports its end (a pidfd, so
nothing is polled). The CPU time is that of the process and of every descendant that was waited for: a collector or
sampler in a process of its own is counted.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

from . import machine, places


@dataclass
class Run:
    wall: float = 0.0
    cpu: float = 0.0
    ended: float = 0.0  # monotonic clock
    peak_kib: int = 0   # resident; the highest of the process and its descendants
    profile_bytes: int = 0
    others: float = 0.0  # share of the machine's CPU time that somebody else had meanwhile, 0..1
    inside: dict = field(default_factory=dict)  # what the program itself reported; empty if it did not
    timed_out: bool = False
    failure: str = ""

    @property
    def ok(self):
        return not self.timed_out and not self.failure


def environment(**more):
    """For every command alike: the environment's python3 first, fixed string hashes, our pyperf."""
    env = dict(os.environ, PYTHONHASHSEED="0", PYTHONPATH=places.STAND_IN,
               PATH=os.path.join(places.ENVIRONMENT, "bin") + os.pathsep + os.environ["PATH"])
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env.update({name: str(value) for name, value in more.items()})
    return env


def start(command, env, errors, directory):
    child = subprocess.Popen(command, env=env, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=errors, start_new_session=True)
    renice_session(child.pid)
    return child


def renice_session(pid):
    """The kernel shares the CPUs out among sessions ("autogroups") first, so a niceness must be the session's as well."""
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    path = f"/proc/{pid}/autogroup"
    if niceness != 0 and os.path.exists(path):
        with contextlib.suppress(OSError), open(path, "w") as file:
            file.write(str(niceness))


def wait(child, limit):
    """The child's resource usage, or None if it had to be ended after `limit` seconds. Its group is its own."""
    pidfd = os.pidfd_open(child.pid)
    try:
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        ended = bool(poll.poll(limit * 1000))
        if not ended:
            os.killpg(child.pid, signal.SIGKILL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        return usage if ended else None
    finally:
        os.close(pidfd)


def run_once(command, limit, watch=None, **variables):
    """Runs the command in an empty directory of its own. `variables` are added to its environment; `watch(child)` is
    called between its start and its end."""
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryFile() as errors:
        report = os.path.join(directory, "report.json")
        env = environment(SCALENE_BENCH_REPORT=report, **variables)
        busy_before, total_before = machine.cpu_times()
        began = time.perf_counter()
        child = start(command, env, errors, directory)
        if watch:
            watch(child)
        usage = wait(child, limit)
        ended = time.perf_counter()
        run = Run(wall=ended - began, ended=ended)
        if usage is None:
            run.timed_out = True
            return run
        run.cpu = usage.ru_utime + usage.ru_stime
        busy, total = machine.cpu_times()
        run.others = max(0.0, (busy - busy_before - run.cpu) / max(total - total_before, 1e-9))
        run.peak_kib = usage.ru_maxrss
        run.profile_bytes = profile_size(directory)
        if os.path.exists(report):
            with open(report) as file:
                run.inside = json.load(file)
        if child.returncode != 0:
            run.failure = f"status {child.returncode}: {last_line(errors)}"
        return run


def profile_size(directory):
    path = os.path.join(directory, "profile.json")
    return os.path.getsize(path) if os.path.exists(path) else 0


def last_line(errors):
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no message"
