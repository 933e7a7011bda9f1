"""Runs the `scalene` binary the way a user would, and keeps everything that came out of it."""

import dataclasses
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.profiles import Profile

TREE = Path(__file__).resolve().parents[2]
PROGRAMS = TREE / "tests" / "programs"


@dataclasses.dataclass
class Result:
    """One run. `profile` is None where no profile was written; `status` is negative for a signal, as in subprocess."""
    command: list
    status: int
    stdout: str
    stderr: str
    profile: object
    wall_sec: float

    def describe(self):
        return "%s\nstatus %s after %.1f s\n--- stdout\n%s--- stderr\n%s" % (
            " ".join(map(str, self.command)), self.status, self.wall_sec, self.stdout, self.stderr)


def binary():
    path = Path(os.environ.get("SCALENE_BINARY", TREE / "build" / "release" / "bin" / "scalene"))
    if not os.access(path, os.X_OK):
        pytest.fail("no binary under test at %s: run `make build`, or set SCALENE_BINARY" % path, pytrace=False)
    return path


def clean_environment(cwd):
    """This environment without anything that configures Scalene or another interpreter's start."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("SCALENE_", "PYTHON")) and key not in ("LD_PRELOAD", "VIRTUAL_ENV", "CONDA_PREFIX")}
    kept["XDG_CONFIG_HOME"] = str(Path(cwd) / "no-configuration")
    return kept


def run_scalene(program, *arguments, interpreter="/usr/bin/python3", options=("--cpu-only",), cwd, env=None,
                stdin=subprocess.DEVNULL, timeout=180, outfile="profile.json", prefix=()):
    """Profiles PROGRAM (a path, or a name in tests/programs) and returns a Result.

    `options` stand before the program, `prefix` before the whole command; `env` is added to a clean environment. A run
    that does not end in `timeout` seconds is killed with everything it started, and fails the test.
    """
    if not isinstance(program, (list, tuple)):
        program = [str(PROGRAMS / program)]
    command = [*prefix, str(binary()), "run", "--python", interpreter, "-o", outfile, *options, *map(str, program),
               *map(str, arguments)]
    profile_path = Path(cwd) / outfile
    profile_path.unlink(missing_ok=True)
    began = time.monotonic()
    status, stdout, stderr = _communicate(command, cwd, {**clean_environment(cwd), **(env or {})}, stdin, timeout)
    wall_sec = time.monotonic() - began
    profile = None
    if profile_path.exists():
        profile = Profile(json.loads(profile_path.read_text(encoding="ascii")), profile_path)
    return Result(command, status, stdout, stderr, profile, wall_sec)


def _communicate(command, cwd, env, stdin, timeout):
    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               start_new_session=True)
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
        pytest.fail("%s did not end within %s s\n%s" % (" ".join(command), timeout, stderr.decode(errors="replace")),
                    pytrace=False)
    return process.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace")
