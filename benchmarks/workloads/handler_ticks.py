"""Runs under Scalene: many ticks at a known stack depth, each timed. Started by benchmarks/handler_cost.

    handler_ticks.py PROBE.so ROUNDS RESULT.json DEPTH...

Plain enough for every interpreter from 3.8 on.
"""

import ctypes
import json
import re
import sys
import time

BATCH = 40            # samples at depth 1,000 are 16 KB each: a batch fills two thirds of the ring
REST_SECONDS = 0.12   # in which the collector empties the ring (it looks every 50 ms)


def sampling_timer():
    """(signal, value) of this thread's timer, as the kernel lists it; None when nobody samples us."""
    with open("/proc/self/timers") as file:
        found = re.search(r"^signal: (\d+)/([0-9a-f]+)$", file.read(), re.MULTILINE)
    return (int(found.group(1)), int(found.group(2), 16)) if found else None


class Probe:
    EMPTY_SIGNAL = 50

    def __init__(self, path):
        self._library = ctypes.PyDLL(path)  # keeps the GIL, as a tick in Python code finds it
        self._library.send_signals.argtypes = [ctypes.c_int, ctypes.c_uint64, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
        if self._library.install_empty_handler(self.EMPTY_SIGNAL) != 0:
            raise OSError("the empty handler could not be installed")

    def times(self, signal, value, cold):
        took = (ctypes.c_uint32 * BATCH)()
        if self._library.send_signals(signal, value, BATCH, cold, took) != 0:
            raise OSError("the signal could not be sent")
        return list(took)


def at_depth(depth, function):
    """Calls the function with `depth` Python frames of ours below the module's."""
    return function() if depth <= 1 else at_depth(depth - 1, function)


def measure(probe, timer, rounds):
    """Times of handler and empty handler, hot and cold, in turns."""
    found = {"hot": [], "cold": [], "hot_empty": [], "cold_empty": []}
    probe.times(timer[0], timer[1], 0)  # describes the code objects
    time.sleep(REST_SECONDS)
    for _ in range(rounds):
        for name, cold in (("hot", 0), ("cold", 1)):
            found[name] += probe.times(timer[0], timer[1], cold)
            time.sleep(REST_SECONDS)
            found[name + "_empty"] += probe.times(probe.EMPTY_SIGNAL, 0, cold)
    return found


def main(library, rounds, result, *depths):
    sys.setrecursionlimit(10000)
    deadline = time.time() + 10
    timer = sampling_timer()
    while timer is None and time.time() < deadline:
        time.sleep(0.01)
        timer = sampling_timer()
    if timer is None:
        raise SystemExit("no sampling timer: is this running under `scalene run`?")
    probe = Probe(library)
    times = {}
    for depth in depths:
        # The module's frame, main and measure's callers are part of the stack; the innermost frames are the probe's.
        times[depth] = at_depth(int(depth) - FRAMES_AROUND, lambda: measure(probe, timer, int(rounds)))
    with open(result, "w") as file:
        json.dump({"version": sys.version.split()[0], "times": times}, file)


FRAMES_AROUND = 5  # module, main, the lambda, measure, Probe.times


if __name__ == "__main__":
    main(*sys.argv[1:])
