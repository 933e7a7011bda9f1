"""What the hooks of allocations and copies cost: programs that do nothing else, by their own CPU clock, the fastest turn.

Bare, with --cpu-only (the hooks are there and count nothing), with everything on, and under memray.
"""

import os
import subprocess
import tempfile

from . import places, text

KINDS = ("small objects", "malloc/free pairs", "malloc/free pairs, 8 threads", "copies of 64 bytes", "copies of 64 MiB",
         "slices of 64 bytes", "slices of 64 MiB", "10,000,000 allocations")
CALLS = {"malloc/free pairs": 5000000, "copies of 64 bytes": 20000000, "slices of 64 bytes": 1000000}  # of those whose ns a call are worth knowing
COMMANDS = {
    "bare": [places.PYTHON],
    "scalene --cpu-only": [places.SCALENE, "run", "--quiet", "--cpu-only", "-o", "profile.json", "--python", places.PYTHON],
    "scalene": [places.SCALENE, "run", "--quiet", "-o", "profile.json", "--python", places.PYTHON],
    "memray": [places.PYTHON, "-m", "memray", "run", "-q", "-o", "profile.bin"],
}
PROGRAM = os.path.join(places.WORKLOADS, "memory_hooks.py")
LIMIT_SEC = 300


def measure(rounds, say):
    """{kind: {command: {"sec": [fastest turn of each round], "bytes": size of its output}}}"""
    with tempfile.TemporaryDirectory() as folder:
        library = os.path.join(folder, "memory_hooks.so")
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-pthread", "-o", library, PROGRAM.replace(".py", ".c")],
                       check=True)
        return {kind: _measure_kind(kind, library, rounds, say) for kind in KINDS}


def _measure_kind(kind, library, rounds, say):
    found = {name: {"sec": [], "bytes": 0} for name in COMMANDS}
    for number in range(rounds):
        names = list(COMMANDS) if number % 2 == 0 else list(reversed(COMMANDS))
        for name in names:
            say(f"hooks: {kind}, {name}, round {number + 1} of {rounds}")
            seconds, size = _run(COMMANDS[name] + [PROGRAM, kind, library])
            if seconds is not None:
                found[name]["sec"].append(seconds)
                found[name]["bytes"] = size
    return found


def _run(command):
    with tempfile.TemporaryDirectory() as directory:
        try:
            done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=LIMIT_SEC)
            sizes = [os.path.getsize(os.path.join(directory, name)) for name in os.listdir(directory)]
            return float(done.stdout.split()[-1]), sum(sizes)
        except (subprocess.TimeoutExpired, IndexError, ValueError):
            return None, 0


def table(found):
    rows = []
    for kind, by_command in found.items():
        bare = min(by_command["bare"]["sec"])
        row = [kind, _cost(kind, bare)]
        for name in list(COMMANDS)[1:]:
            times = by_command[name]["sec"]
            row.append(f"{text.ratio(min(times) / bare)}{_more(kind, min(times) - bare)}" if times else "failed")
        rows.append(row + [text.size(by_command["scalene"]["bytes"]), text.size(by_command["memray"]["bytes"])])
    return ("hooks: CPU time of programs that only allocate or copy, fastest turn over bare\n\n" +
            text.table(["program", "bare", *list(COMMANDS)[1:], "our file", "memray's"], rows))


def _cost(kind, seconds):
    return f"{seconds / CALLS[kind] * 1e9:.1f} ns" if kind in CALLS else f"{seconds:.2f} s"


def _more(kind, seconds):
    return f" (+{seconds / CALLS[kind] * 1e9:.1f} ns)" if kind in CALLS else ""


def bounds(found):
    """[(what, value as text, bound as text, met)], only of what was measured."""
    rows = []
    for kind, bound in (("small objects", 1.06), ("copies of 64 bytes", 1.02), ("copies of 64 MiB", 1.02),
                        ("slices of 64 bytes", 1.02), ("slices of 64 MiB", 1.02)):
        if times := found[kind]["scalene"]["sec"]:
            ratio = min(times) / min(found[kind]["bare"]["sec"])
            rows.append((f"CPU time, {kind}", text.ratio(ratio), f"{bound:.3f}", ratio <= bound))
    pairs = found["malloc/free pairs"]
    if pairs["scalene"]["sec"]:
        ns = (min(pairs["scalene"]["sec"]) - min(pairs["bare"]["sec"])) / CALLS["malloc/free pairs"] * 1e9
        rows.append(("a malloc/free pair without a sample, over libc's", f"{ns:.1f} ns", "6 ns", ns <= 6))
    return rows
