"""What the hooks of allocations and copies cost: programs that do nothing else, by their own CPU clock, the fastest turn.

With --cpu-only (the hooks are there and count nothing), with everything on, and under memray, each at the same time as bare
Python on one core: the ratio of two that share a core does not move with the machine's speed (see race).
"""

import os
import statistics
import subprocess
import tempfile
import threading

from . import places, text

KINDS = ("small objects", "malloc/free pairs", "malloc/free pairs, 8 threads", "copies of 64 bytes", "copies of 64 MiB",
         "slices of 64 bytes", "slices of 64 MiB", "10,000,000 allocations")
CALLS = {"malloc/free pairs": 5000000, "copies of 64 bytes": 20000000, "slices of 64 bytes": 1000000}  # of those whose ns a call are worth knowing
BARE = [places.PYTHON]
COMMANDS = {
    "scalene --cpu-only": [places.SCALENE, "run", "--quiet", "--cpu-only", "-o", "profile.json", "--python", places.PYTHON],
    "scalene": [places.SCALENE, "run", "--quiet", "-o", "profile.json", "--python", places.PYTHON],
    "memray": [places.PYTHON, "-m", "memray", "run", "-q", "-o", "profile.bin"],
}
PROGRAM = os.path.join(places.WORKLOADS, "memory_hooks.py")
LIMIT_SEC = 300
CORE = 0


def measure(rounds, say):
    """{kind: {command: {"sec": [its fastest turn, of each round], "bare": [that of bare Python beside it], "bytes": size of
    its output}}}"""
    with tempfile.TemporaryDirectory() as folder:
        library = os.path.join(folder, "memory_hooks.so")
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-pthread", "-o", library, PROGRAM.replace(".py", ".c")],
                       check=True)
        return {kind: _measure_kind(kind, library, rounds, say) for kind in KINDS}


def _measure_kind(kind, library, rounds, say):
    found = {name: {"sec": [], "bare": [], "bytes": 0} for name in COMMANDS}
    for number in range(rounds):
        for name, command in COMMANDS.items():
            say(f"hooks: {kind}, {name}, round {number + 1} of {rounds}")
            (seconds, size), (bare, _) = _race(command, BARE, [PROGRAM, kind, library])
            if seconds is not None and bare is not None:
                found[name]["sec"].append(seconds)
                found[name]["bare"].append(bare)
                found[name]["bytes"] = size
    return found


def _race(*commands_and_words):
    """Runs commands with the same words at the same time."""
    *commands, words = commands_and_words
    results = [None] * len(commands)

    def run(place):
        results[place] = _run(["taskset", "-c", str(CORE), *commands[place], *words])

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(commands))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _run(command):
    with tempfile.TemporaryDirectory() as directory:
        try:
            done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=LIMIT_SEC)
            sizes = [os.path.getsize(os.path.join(directory, name)) for name in os.listdir(directory)]
            return float(done.stdout.split()[-1]), sum(sizes)
        except (subprocess.TimeoutExpired, IndexError, ValueError):
            return None, 0


def _ratio(times):
    return statistics.median(mine / bare for mine, bare in zip(times["sec"], times["bare"]))


def _more_ns(kind, times):
    return statistics.median(mine - bare for mine, bare in zip(times["sec"], times["bare"])) / CALLS[kind] * 1e9


def table(found):
    rows = []
    for kind, by_command in found.items():
        row = [kind, _cost(kind, min(bare for times in by_command.values() for bare in times["bare"]))]
        for times in by_command.values():
            more = f" ({_more_ns(kind, times):+.1f} ns)" if kind in CALLS and times["sec"] else ""
            row.append(f"{text.ratio(_ratio(times))}{more}" if times["sec"] else "failed")
        rows.append(row + [text.size(by_command["scalene"]["bytes"]), text.size(by_command["memray"]["bytes"])])
    return ("hooks: CPU time of programs that only allocate or copy, over bare Python beside them, median\n\n" +
            text.table(["program", "bare", *COMMANDS, "our file", "memray's"], rows))


def _cost(kind, seconds):
    return f"{seconds / CALLS[kind] * 1e9:.1f} ns" if kind in CALLS else f"{seconds:.2f} s"


def bounds(found):
    """[(what, value as text, bound as text, met)], only of what was measured."""
    rows = []
    for kind, bound in (("small objects", 1.06), ("copies of 64 bytes", 1.02), ("copies of 64 MiB", 1.02),
                        ("slices of 64 bytes", 1.02), ("slices of 64 MiB", 1.02)):
        if found[kind]["scalene"]["sec"]:
            ratio = _ratio(found[kind]["scalene"])
            rows.append((f"CPU time, {kind}", text.ratio(ratio), f"{bound:.3f}", ratio <= bound))
    pairs = found["malloc/free pairs"]["scalene"]
    if pairs["sec"]:
        ns = _more_ns("malloc/free pairs", pairs)
        rows.append(("a malloc/free pair without a sample, over libc's", f"{ns:.1f} ns", "6 ns", ns <= 6))
    return rows
