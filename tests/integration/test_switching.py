"""`scalene on`, `off` and `status` act on a running program, and refuse politely everything else."""

import json
import os
import re
import subprocess
import time

import pytest

from support import scalene

pytestmark = pytest.mark.own_interpreter

PROGRAM = """\
import os, sys, time

def recorded():
    while not os.path.exists("stop-1"):
        sum(range(500))

def suspended():
    while not os.path.exists("stop-2"):
        sum(range(500))

print("ready", flush=True)
recorded()
print(time.process_time(), flush=True)
suspended()
print(time.process_time(), flush=True)
"""


def ask(cwd, *words):
    return subprocess.run([str(scalene.binary()), *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=30,
                          env=scalene.clean_environment(cwd))


@pytest.fixture
def running(tmp_path):
    """running(*options) → the Popen of `scalene run` on PROGRAM, which has begun."""
    (tmp_path / "prog.py").write_text(PROGRAM)
    started = []

    def start(*options):
        command = [str(scalene.binary()), "run", "--cpu-only", "-o", "p.json", *options, "--python", "/usr/bin/python3", "prog.py"]
        process = subprocess.Popen(command, cwd=tmp_path, env=scalene.clean_environment(tmp_path), text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def program_of(process):
    return int(open("/proc/%d/task/%d/children" % (process.pid, process.pid)).read().split()[0])


def cpu_sec(profile):
    outside = profile["ext"].get("outside", {})
    kinds = sum(profile["ext"]["totals"].get(kind, 0) for kind in ("python_sec", "native_sec", "kernel_sec"))
    return kinds + outside.get("sec", 0) - outside.get("idle_sec", 0)


def functions_of(profile):
    return {row["line"]: row["n_cpu_percent_python"] + row["n_cpu_percent_c"] + row["n_sys_percent"]
            for file in profile["files"].values() for row in file["functions"]}


def test_off_keeps_time_out_of_the_profile(running, tmp_path):
    process = running()
    program = program_of(process)
    time.sleep(0.6)
    (tmp_path / "stop-1").touch()
    on_sec = float(process.stdout.readline())
    off = ask(tmp_path, "off", program)
    assert (off.returncode, off.stdout, off.stderr) == (0, "Scalene: profiling turned off.\n", "")
    partial = json.loads((tmp_path / "p.json").read_text())
    assert partial["files"], "off writes the profile so far"
    status = ask(tmp_path, "status", process.pid)
    assert re.match(r"profiling: off since \d\d:\d\d:\d\d\nprocesses: 1\nsamples: \d+\nlost: 0\n$", status.stdout), status.stdout
    time.sleep(0.6)
    (tmp_path / "stop-2").touch()
    off_sec = float(process.stdout.readline()) - on_sec
    assert process.wait(30) == 0
    profile = json.loads((tmp_path / "p.json").read_text())
    whole = cpu_sec(profile)
    assert off_sec > 0.1
    assert whole == pytest.approx(on_sec, abs=0.02 + 0.25 * off_sec)  # the command itself takes some time to arrive
    assert functions_of(profile).get("suspended", 0) < functions_of(profile)["recorded"] / 3


def test_on_resumes_a_run_that_began_suspended(running, tmp_path):
    process = running("--off")
    assert "profiling: off" in ask(tmp_path, "status", program_of(process)).stdout
    (tmp_path / "stop-1").touch()
    before_sec = float(process.stdout.readline())
    on = ask(tmp_path, "on", program_of(process))
    assert (on.returncode, on.stdout) == (0, "Scalene: profiling turned on.\n"), on.stderr
    assert "profiling: on" in ask(tmp_path, "status", program_of(process)).stdout
    time.sleep(0.6)
    (tmp_path / "stop-2").touch()
    whole_sec = float(process.stdout.readline())
    assert process.wait(30) == 0
    profile = json.loads((tmp_path / "p.json").read_text())
    recorded = cpu_sec(profile)
    assert 0.5 * (whole_sec - before_sec) < recorded < whole_sec
    assert "suspended" in functions_of(profile) and "recorded" not in functions_of(profile)


@pytest.mark.parametrize("words, status, text", [
    (["off"], 2, "one process id is needed"), (["on", "x1"], 2, "'x1' is no process id"),
    (["status", "1", "2"], 2, "one process id is needed"), (["on", "4194305"], 1, "Process 4194305 not found."),
    (["off", str(os.getpid())], 1, "is not being profiled"),
], ids=["nothing", "no-number", "two", "no-such-process", "not-profiled"])
def test_what_cannot_be_switched_is_refused(tmp_path, words, status, text):
    answer = ask(tmp_path, *words)
    assert (answer.returncode, answer.stdout) == (status, "")
    assert text in answer.stderr
