"""Profiles written while the program runs: always whole, never shrinking, and complete at the end."""

import json
import time

import pytest

from support.profile_check import check_profile
from support.twin import Profiled

pytestmark = pytest.mark.own_interpreter

PROGRAM = """
    import os, sys, time
    def work(seconds):
        end = time.process_time() + seconds
        while time.process_time() < end:
            sum(range(1000))
    def rest(seconds):
        time.sleep(seconds)
    for _ in range(int(sys.argv[1])):
        work(0.25)
        rest(0.05)
        exec("sum(range(100000))")
    if os.fork() == 0:
        work(0.2)
        os._exit(0)
    os.wait()
    """

# Never smaller in a later write: seconds, samples, bytes, hits. Shares are computed anew.
GROWING = ("samples", "python_sec", "native_sec", "kernel_sec", "idle_sec")


def collect(twin, interval, rounds):
    """Runs with interval writes and reads the file as often as possible. Returns the distinct contents and the outcome."""
    profile = twin.new_profile_path()
    options = ["--profile-interval", str(interval), "--cpu-percent-threshold", "0"]  # or a file could leave as its share falls
    process = twin.start(twin.command("prog.py", str(rounds), options=options, profile=profile))
    seen = []
    reads = 0
    while process.poll() is None:
        try:
            data = profile.read_bytes()
        except FileNotFoundError:
            data = None
        reads += 1
        if data is not None and (not seen or seen[-1] != data):
            json.loads(data)  # whole, at any moment (row 58)
            seen.append(data)
        time.sleep(0.001)
    stdout, stderr = process.communicate()
    return seen, Profiled(process.returncode, stdout, stderr, path=profile)


def counters(document):
    found = {}
    for path, file in document["files"].items():
        for row in file["lines"]:
            for name in GROWING:
                found[path, row["lineno"], name] = row.get("ext", {}).get(name, 0)
    for name, value in document["ext"].get("totals", {}).items():
        if isinstance(value, (int, float)) and name in (*GROWING, "total_sec", "cpu_samples", "off_cpu_samples"):
            found["totals", name] = value
    found["elapsed"] = document["elapsed_time_sec"]
    return found


def test_counters_never_shrink_and_the_end_is_complete(twin):
    # Row 30: every write used to normalise anew, in place.
    twin.write("prog.py", PROGRAM)
    seen, outcome = collect(twin, 0.3, 6)
    assert outcome.status == 0
    assert len(seen) >= 4
    before = {}
    for data in seen[:-1]:
        document = check_profile(data, partial=True)
        now = counters(document)
        shrunk = {key: (value, now.get(key)) for key, value in before.items() if now.get(key, 0) < value - 1e-9}
        assert not shrunk
        before = now
    final = outcome.document
    now = counters(final)
    assert not {key: (value, now.get(key)) for key, value in before.items() if now.get(key, 0) < value - 1e-9}
    functions = {row["line"]: row for file in final["files"].values() for row in file["functions"]}
    assert 1.3 <= sum(functions["work"]["ext"].get(name, 0) for name in ("python_sec", "native_sec", "kernel_sec")) <= 2.2
    assert outcome.stderr.count(b"profile saved to") == 1


def test_a_reader_always_finds_a_whole_file(twin, long_form):
    # Row 58.
    twin.write("prog.py", PROGRAM)
    seen, outcome = collect(twin, 0.02, 30 if long_form else 6)
    assert outcome.status == 0 and outcome.document
    assert len(seen) >= (100 if long_form else 20)
    leftovers = [path.name for path in outcome.path.parent.iterdir() if path != outcome.path]
    assert leftovers == []


def test_a_killed_collector_leaves_the_last_interval(twin):
    twin.write("prog.py", PROGRAM)
    profile = twin.new_profile_path()
    process = twin.start(twin.command("prog.py", "4", options=["--profile-interval", "0.1"], profile=profile))
    time.sleep(1.0)
    process.kill()
    process.communicate()
    check_profile(profile, partial=True)
