"""What was measured on, as far as a stranger may know it: no host names, no paths."""

import os
import platform
import subprocess
import time

from . import places


def describe():
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)),
        "kernel": platform.release().split("-")[0],
        "kernel_tick_ms": round(time.clock_getres(_CLOCK_MONOTONIC_COARSE) * 1e3, 3),
        "virtual": _is_virtual(),
        "python": _measured_python(),
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()) + " UTC",
        "commit": _commit(),
    }


_CLOCK_MONOTONIC_COARSE = 6


def _cpu_model():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _is_virtual():
    with open("/proc/cpuinfo") as file:
        return "hypervisor" in file.read()


def _measured_python():
    """The interpreter of the programs, which need not be the one that runs us."""
    answer = subprocess.run([places.PYTHON, "--version"], capture_output=True, text=True)
    return answer.stdout.replace("Python", "").strip() or "unknown"


def _commit():
    answer = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=places.ROOT, capture_output=True, text=True)
    return answer.stdout.strip() or "unknown"


def other_work(seconds=1.0):
    """The share of this machine's CPU time that others use while we sleep, 0..1: the noise to expect."""
    busy, total = cpu_times()
    time.sleep(seconds)
    busy_later, total_later = cpu_times()
    return (busy_later - busy) / max(total_later - total, 1e-9)


def cpu_times():
    """(busy, total) CPU seconds of the whole machine since it started, in steps of 10 ms."""
    with open("/proc/stat") as file:
        times = [int(word) for word in file.readline().split()[1:9]]
    idle = times[3] + times[4]  # idle, iowait; what the hypervisor gave to others ("steal") is busy
    ticks_per_second = os.sysconf("SC_CLK_TCK")
    return (sum(times) - idle) / ticks_per_second, sum(times) / ticks_per_second


class Patience:
    """Waits for quiet moments, for so many seconds in all."""

    QUIET = 0.1

    def __init__(self, seconds):
        self._left = seconds

    def await_quiet(self):
        while self._left > 0 and other_work(0.5) > self.QUIET:
            self._left -= 0.5


def in_words(machine):
    return (f"{machine['cores']} cores of {machine['cpu']}{' (virtual)' if machine['virtual'] else ''}, "
            f"{machine['memory_gib']} GiB, Linux {machine['kernel']}, tick {machine['kernel_tick_ms']:g} ms, "
            f"Python {machine['python']}, {machine['date']}, commit {machine['commit']}")
