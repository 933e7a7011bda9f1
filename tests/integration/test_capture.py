"""`scalene run --capture` keeps what the agent really said, and `scalene dump` shows it."""

import os
import re
import signal
import subprocess
import time

import pytest

from support import scalene

pytestmark = pytest.mark.own_interpreter

PROGRAM = """\
import os, sys, time

def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(500))

def outer(seconds):
    spin(seconds)

outer(float(sys.argv[1]))
if "fork" in sys.argv:
    child = os.fork()
    if child == 0:
        spin(0.2)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "prog.py"
    path.write_text(PROGRAM)
    return path


@pytest.fixture
def dump(tmp_path):
    """dump(*words) → (status, lines of stdout, stderr)"""
    def dump_here(*words):
        done = subprocess.run([str(scalene.binary()), "dump", *map(str, words)], cwd=tmp_path, capture_output=True, text=True,
                              env=scalene.clean_environment(tmp_path), timeout=60)
        return done.returncode, done.stdout.splitlines(), done.stderr
    return dump_here


def of_type(lines, name):
    return [line for line in lines if line.split(" ")[1] == name]


def weight_sec(line):
    return float(re.search(r" weight=([\d.]+)ms", line).group(1)) / 1000


def test_a_dump_shows_the_samples_and_the_code_of_the_program(run, program, dump, tmp_path):
    result = run([program], "0.6", options=["--cpu-only", "--capture", "raw.capture"])
    assert result.status == 0, result.describe()
    status, lines, errors = dump("raw.capture")
    assert (status, errors) == (0, "")
    assert lines[0].startswith("# capture version=1 ") and lines[0].endswith('"%s" "0.6"' % program)

    code = {match.group(2): match.group(1) for match in (
        re.search(r' address=0x(\w+) .* name="([^"]+)" file="%s"' % re.escape(str(program)), line) for line in of_type(lines, "code"))
        if match}
    assert set(code) >= {"spin", "outer", "<module>"}
    assert re.search(r' line=3 name="spin" ', "\n".join(of_type(lines, "code")))

    samples = of_type(lines, "sample")
    chain = re.compile(r"frames=%s/\w{8}/\d+ %s/\w{8}/\d+ %s/" % tuple(code[name] for name in ("spin", "outer", "<module>")))
    assert sum(weight_sec(line) for line in samples if chain.search(line)) == pytest.approx(0.6, abs=0.15)
    assert len(of_type(lines, "process-start")) == len(of_type(lines, "recording-end")) == 1
    # The profile is the same with a capture as without: it has the very samples.
    assert result.profile.document["ext"]["processes"][0]["samples"] == len(samples)


def test_records_name_their_process_and_can_be_chosen(run, program, dump):
    result = run([program], "0.2", "fork", options=["--cpu-only", "--capture", "raw.capture"])
    assert result.status == 0, result.describe()
    _, lines, _ = dump("raw.capture")
    starts = of_type(lines, "process-start")
    assert [" origin=exec " in start for start in starts] == [True, False]
    parent, child = (start.split(" ")[0] for start in starts)
    assert (parent.split(".")[1], child.split(".")[1]) == ("0", "1")

    _, of_child, _ = dump("raw.capture", "--pid", child.split(".")[0])
    assert of_child[0].startswith("# ") and {line.split(" ")[0] for line in of_child[1:]} == {child}
    _, chosen, _ = dump("raw.capture", "--type", "code,thread-start")
    assert {line.split(" ")[1] for line in chosen[1:]} == {"code", "thread-start"}
    assert chosen[1:] == [line for line in lines if line.split(" ")[1] in ("code", "thread-start")]


def test_a_killed_collector_leaves_what_it_had_a_second_before(program, dump, tmp_path):
    command = [str(scalene.binary()), "run", "--cpu-only", "--python", "/usr/bin/python3", "--capture", "raw.capture", str(program), "4"]
    collector = subprocess.Popen(command, cwd=tmp_path, env=scalene.clean_environment(tmp_path), stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, start_new_session=True)
    capture = tmp_path / "raw.capture"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (capture.exists() and capture.stat().st_size > 1000):
        time.sleep(0.05)
    os.kill(collector.pid, signal.SIGKILL)
    collector.wait()
    status, lines, errors = dump("raw.capture")
    os.killpg(collector.pid, signal.SIGKILL)  # the program, which runs on
    assert status == 0
    assert "the capture ends early" in errors
    assert of_type(lines, "sample") and of_type(lines, "code")


@pytest.mark.parametrize("words, status, says", [
    ((), 2, "no capture specified.\nusage: scalene dump"),
    (("a", "b"), 2, "dump reads one capture, and 'b' is a second one"),
    (("--tipe", "sample", "a"), 2, "--type"),
    (("--type", "sampel", "a"), 2, "unknown type 'sampel'; did you mean 'sample'?"),
    (("--pid", "many", "a"), 2, "--pid must be a whole number"),
    (("missing.capture",), 1, "capture missing.capture not found."),
    ((".",), 1, "cannot read .: Is a directory"),
    (("prog.py",), 1, "prog.py is not a capture ('scalene run --capture FILE' makes one)"),
])
def test_trouble_is_one_sentence(program, dump, words, status, says):
    found, lines, errors = dump(*words)
    assert (found, lines) == (status, [])
    assert errors.startswith("Scalene: ") and says in errors


@pytest.mark.parametrize("place, status, says", [
    ("missing/raw.capture", 125, "missing/raw.capture"),
    (".", 2, "is a directory"),
    ("-", 2, "--capture needs a file name"),
    ("/dev/full", 125, "No space left on device"),
])
def test_a_capture_that_cannot_be_written_is_told_before_the_program_starts(run, program, place, status, says):
    result = run([program], "0.1", options=["--cpu-only", "--capture", place])
    assert result.status == status, result.describe()
    assert says in result.stderr
    assert result.profile is None


def test_view_says_that_a_capture_is_no_profile(tmp_path, program):
    done = scalene.run_scalene(program, "0.05", options=("--cpu-only", "--capture", "raw.cap"), cwd=tmp_path)
    assert done.status == 0, done.describe()
    view = subprocess.run([str(scalene.binary()), "view", "--cli", "raw.cap"], cwd=tmp_path, capture_output=True, text=True,
                          env=scalene.clean_environment(tmp_path), timeout=60)
    assert (view.returncode, view.stdout) == (1, "")
    assert view.stderr == "Scalene: raw.cap holds raw records, not a profile; to read them: scalene dump raw.cap\n"
