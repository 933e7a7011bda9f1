"""One program, run twice: by bare Python and under `scalene run`, in the same directory and environment.

    def test_exit_status_is_the_programs(twin):
        twin.write("prog.py", "raise SystemExit(7)")
        twin.compare("prog.py")

`compare` asserts that nobody could tell the two runs apart by status, stdout or stderr, and that the profile is valid.
A run that takes too long is killed with everything it started, and fails the test.
"""

import os
import re
import shutil
import signal
import subprocess
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support import consistency, scalene
from support.profile_check import check_profile
from support.profiles import Profile

TIME_LIMIT = 60  # seconds; an order of magnitude above what any run here takes on a loaded machine

# What Scalene adds to stderr: an empty line, then sentences of its own and their indented continuation.
OWN_WORDS = re.compile(rb"(?:\r?\n|Scalene[: ][^\n]*\n|  [^\n]*\n)*\Z")

DIFFERS = re.compile(rb"0x[0-9a-f]{6,}|\bpid=[0-9]+")  # addresses and process ids, from run to run


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `status` is as `subprocess` has it: -N when the process died from signal N."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self):
        return self.stdout.decode("utf-8", "backslashreplace")

    @property
    def errors(self):
        return self.stderr.decode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class Profiled(Outcome):
    path: Path = field(default=None)  # where the profile was asked to be

    @property
    def document(self):
        """The profile, after checking every rule of the format."""
        assert self.path.exists(), f"no profile was written; status {self.status}, stderr:\n{self.errors}"
        document = check_profile(self.path)
        consistency.check(Profile(document, self.path))
        return document

    def lines(self, name):
        """The line rows of the profiled file with this base name."""
        return rows_of(self.document, name)["lines"]


@pytest.fixture
def twin(interpreter, tmp_path):
    """A Twin for this test's interpreter, in a directory of its own."""
    return Twin(scalene.binary(), interpreter.executable, tmp_path)


@pytest.fixture
def shared_library(tmp_path):
    """shared_library(C source, name) → path of a library compiled from it, for programs that call it by ctypes."""
    return lambda source, name, *flags: _compile(source, tmp_path / f"lib{name}.so", "-fPIC", "-shared", *flags)


@pytest.fixture
def executable(tmp_path):
    """executable(C source, name, *flags) → path of a program compiled from it."""
    return lambda source, name, *flags: _compile(source, tmp_path / name, *flags)


def _compile(source, output, *flags):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        pytest.fail("no C compiler found: run tools/setup test", pytrace=False)
    text = output.with_suffix(".c")
    text.write_text(textwrap.dedent(source))
    subprocess.run([compiler, "-O1", "-Wall", "-D_GNU_SOURCE", "-pthread", "-o", str(output), str(text), *flags, "-ldl"], check=True)
    return output


class Twin:
    """Runs programs in `directory` with `python`, bare and profiled."""

    def __init__(self, binary, python, directory):
        self.binary = Path(binary)
        self.python = str(python)
        self.directory = Path(directory)
        self._runs = 0

    def write(self, name, source):
        """Writes a program (dedented text, or bytes as they are) and returns its path."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, bytes):
            path.write_bytes(source)
        else:
            path.write_text(textwrap.dedent(source), encoding="utf-8")
        return path

    def bare(self, *words, **how):
        return Outcome(*self.run([self.python, *words], **how))

    def command(self, *words, options=(), profile=None):
        """The command line of a profiled run. `words` is what bare Python would be given."""
        output = ["-o", str(profile)] if profile else []
        ours = [str(self.binary), "run", *output, *options]
        if words[0].startswith("-") and words[0] not in ("-c", "-m", "-"):  # options of the interpreter
            return [*ours, "---", self.python, *words]
        return [*ours, "--python", self.python, "---", *words]

    def profiled(self, *words, options=(), **how):
        profile = self.new_profile_path()
        command = self.command(*words, options=options, profile=profile)
        return Profiled(*self.run(command, **how), path=profile)

    def scalene(self, *words, **how):
        """Runs `scalene` with exactly these words."""
        return Outcome(*self.run([str(self.binary), *map(os.fspath, words)], **how))

    def compare(self, *words, options=(), profile=True, **how):
        """Runs bare and profiled, asserts that they look the same, and returns the profiled run."""
        bare = self.bare(*words, **how)
        profiled = self.profiled(*words, options=options, **how)
        assert_same(bare, profiled)
        if profile:
            profiled.document
        return profiled

    def new_profile_path(self):
        self._runs += 1
        folder = self.directory / "profiles"
        folder.mkdir(exist_ok=True)
        return folder / f"{self._runs}.json"

    def start(self, command, *, cwd=None, env=None, **popen):
        """Starts a command as `run` does, without waiting for it. `env` is added to a clean environment; None removes."""
        popen.setdefault("stdin", subprocess.DEVNULL)
        popen.setdefault("stdout", subprocess.PIPE)
        popen.setdefault("stderr", subprocess.PIPE)
        popen.setdefault("start_new_session", True)
        return subprocess.Popen(command, cwd=cwd or self.directory, env=self.environment(env), **popen)

    def run(self, command, *, input=None, timeout=TIME_LIMIT, **how):
        if input is not None:
            how["stdin"] = subprocess.PIPE
        process = self.start(command, **how)
        try:
            stdout, stderr = process.communicate(input, timeout=timeout)
        except subprocess.TimeoutExpired:
            kill_session(process)
            stdout, stderr = process.communicate()
            raise AssertionError(f"not ended after {timeout} s: {command}\n{stdout[-2000:]}\n{stderr[-2000:]}") from None
        return process.returncode, stdout or b"", stderr or b""

    def environment(self, changes=None):
        """The environment of every run: this one's, without anything that steers Python or Scalene."""
        steering = ("SCALENE_", "PYTHON", "PYTEST_", "LD_", "VIRTUAL_ENV", "CONDA_", "COLUMNS", "LINES")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
        clean["XDG_CONFIG_HOME"] = str(self.directory / "no-config")
        for name, value in (changes or {}).items():
            if value is None:
                clean.pop(name, None)
            else:
                clean[name] = value
        return clean


def assert_same(bare, profiled):
    """Asserts that status, stdout and stderr are as bare, up to Scalene's own words behind the last byte of stderr."""
    assert profiled.status == bare.status, (
        f"status {profiled.status}, bare {bare.status}\n{profiled.errors[-3000:]}\n--- bare ---\n{bare.errors[-3000:]}")
    assert profiled.stdout == bare.stdout
    assert_same_stderr(bare.stderr, profiled.stderr)


def assert_same_stderr(bare, profiled):
    bare, profiled = (DIFFERS.sub(b"...", text) for text in (bare, profiled))
    assert profiled.startswith(bare), f"stderr differs\n{profiled!r}\n--- bare ---\n{bare!r}"
    assert OWN_WORDS.match(profiled, len(bare)), f"stderr has more than Scalene's own words: {profiled[len(bare):]!r}"


def rows_of(document, name):
    """The entry of the profiled file with this base name (or full key)."""
    found = [key for key in document["files"] if key == name or key.rsplit("/", 1)[-1] == name]
    assert len(found) == 1, f"{name} is {found or 'not'} among the profiled files {sorted(document['files'])}"
    return document["files"][found[0]]


def process_count(document, **wanted):
    """How many rows of ext.processes have all these values."""
    return sum(all(row.get(key) == value for key, value in wanted.items()) for row in document["ext"]["processes"])


def kill_session(process):
    """Kills a process started by `Twin.start`, and everything it started that did not leave its session."""
    for pid in session_members(process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def session_members(session):
    members = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                after_name = Path(f"/proc/{entry}/stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if int(after_name[3]) == session:
                members.append(int(entry))
    return members


def children_of(pid):
    """The live children of a process, zombies included, in the order of their start: the program is the first of `scalene`."""
    children = []
    for task in _tasks(pid):
        try:
            children += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        except OSError:
            continue
    return children


def state_of(pid):
    """R, S, T, Z … or None when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return None


def _tasks(pid):
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def wait_until(condition, what, limit=30.0):
    """Polls until `condition()` is true, and returns its value."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {limit} s for {what}"
        time.sleep(0.005)
