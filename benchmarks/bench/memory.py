"""Peak memory of the collector, and what the agent adds to the program's own.

The collector is looked at while it runs, every 20 ms: its VmHWM, which the kernel keeps, and its proportional share (the
rings are shared with the programs). These runs are not timed. What is allocated between the last look and the end shows
in the peak of the whole tree, where it is taken if it exceeds the program's own peak.
"""

import threading
import time

from . import process, tools

LOOK_EVERY_SEC = 0.02


class Watcher:
    """Reads the memory of one process until it ends."""

    def __init__(self):
        self.peak_kib = self.peak_share_kib = 0
        self._thread = None

    def __call__(self, child):
        self._thread = threading.Thread(target=self._look, args=(child.pid,), daemon=True)
        self._thread.start()

    def join(self):
        self._thread.join()

    def _look(self, pid):
        turn = 0
        while (status := _read(f"/proc/{pid}/status")) and "VmHWM" in status:
            self.peak_kib = max(self.peak_kib, _field(status, "VmHWM"))
            if turn % 10 == 0:
                share = _read(f"/proc/{pid}/smaps_rollup")
                self.peak_share_kib = max(self.peak_share_kib, _field(share, "Pss") if share else 0)
            turn += 1
            time.sleep(LOOK_EVERY_SEC)


def _read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def _field(text, name):
    for line in text.splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def measure(words, limit=600, **variables):
    """Figures in KiB of one run bare and one under Scalene: {"collector", "collector_share", "agent", "profile_bytes"}."""
    bare = process.run_once(tools.command("bare", words), limit, **variables)
    watcher = Watcher()
    ours = process.run_once(tools.command(tools.OURS, words), limit, watch=watcher, **variables)
    watcher.join()
    if not (bare.ok and ours.ok):
        return {"failure": bare.failure or ours.failure or "time-out"}
    program_peak = ours.inside.get("vmhwm_kib", 0)
    collector = ours.peak_kib if ours.peak_kib > program_peak * 1.1 else watcher.peak_kib
    return {"collector": max(collector, watcher.peak_kib), "collector_share": watcher.peak_share_kib,
            "agent": program_peak - bare.inside.get("vmhwm_kib", 0), "profile_bytes": ours.profile_bytes}
