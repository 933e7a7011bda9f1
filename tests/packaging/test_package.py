"""The Python package, as a user installs it: built once into a wheel, installed into a new environment, run there."""

import glob
import json
import os
import subprocess
import sys
import zipfile

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

SHOW_INTERPRETER = "import sys; print(sys.executable); print(sys.argv[1:])\n"


def clean_environment():
    """Without what would choose another interpreter."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("SCALENE_", "PYTHON")) and name not in ("VIRTUAL_ENV", "CONDA_PREFIX")}


def run(*command, **keywords):
    keywords.setdefault("env", clean_environment())
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, timeout=900, **keywords)


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A virtual environment that pip alone is in; its folder."""
    folder = str(tmp_path_factory.mktemp("environment"))
    made = run(sys.executable, "-m", "venv", folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(environment, tmp_path_factory):
    """The wheel of this tree; its path."""
    folder = str(tmp_path_factory.mktemp("wheel"))
    # The compilers by the names that `make build` calls them by: what it has compiled is in the compiler's cache.
    built = run(os.path.join(environment, "bin/pip"), "wheel", "--no-deps", "--wheel-dir", folder, ROOT,
                env={**clean_environment(), "CC": "cc", "CXX": "c++"})
    assert built.returncode == 0, built.stderr[-4000:] + built.stdout[-4000:]
    return glob.glob(os.path.join(folder, "*.whl"))[0]


@pytest.fixture(scope="module")
def installed(environment, wheel):
    """The folder of an environment with the wheel in it."""
    done = run(os.path.join(environment, "bin/pip"), "install", "--no-deps", wheel)
    assert done.returncode == 0, done.stderr
    return environment


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "prog.py"
    path.write_text(SHOW_INTERPRETER)
    return str(path)


def test_one_wheel_serves_every_python(wheel):
    assert "-py3-none-linux_" in os.path.basename(wheel)


def test_the_wheel_holds_binary_and_agent_and_no_bytecode(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        binary = archive.getinfo("scalene/bin/scalene")
    assert {"scalene/lib/libscalene_agent.so", "scalene/lib/cpu_only/libscalene_agent.so"} <= set(names)
    assert binary.external_attr >> 16 & 0o111, "the binary is not executable"
    assert [name for name in names if name.endswith((".pyc", ".cc", ".h", ".a", ".cmake"))] == []


@pytest.mark.parametrize("command", [["bin/scalene"], ["bin/python", "-m", "scalene"]], ids=["command", "module"])
class TestBothWaysIn:
    def start(self, installed, command, *words, **keywords):
        return run(os.path.join(installed, command[0]), *command[1:], *words, **keywords)

    def test_version_is_the_wheels_own(self, installed, command, wheel):
        answer = self.start(installed, command, "--version")
        version = os.path.basename(wheel).split("-")[1]
        assert answer.returncode == 0
        assert answer.stdout.startswith("Scalene version %s " % version), answer.stdout

    def test_profiles_with_the_interpreter_it_was_called_from(self, installed, command, program, tmp_path):
        answer = self.start(installed, command, "run", "--cpu-only", "-o", "p.json", program, "--cpu-only", "-o",
                            cwd=str(tmp_path))
        assert answer.returncode == 0, answer.stderr
        executable, arguments = answer.stdout.splitlines()
        assert os.path.dirname(executable) == os.path.join(installed, "bin")
        assert arguments == "['--cpu-only', '-o']"
        assert "files" in json.loads((tmp_path / "p.json").read_text())

    def test_files_in_the_working_directory_do_not_get_in_between(self, installed, command, program, tmp_path):
        for name in ("copy.py", "json.py", "argparse.py"):
            (tmp_path / name).write_text("raise SystemExit('shadowed by the working directory')\n")
        (tmp_path / "scalene").mkdir()
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "prog.py").write_text(SHOW_INTERPRETER)
        answer = self.start(installed, command, "run", "--cpu-only", "elsewhere/prog.py", cwd=str(tmp_path))
        assert answer.returncode == 0, answer.stderr
        assert "shadowed" not in answer.stderr


def test_a_types_module_in_the_working_directory_does_not_stop_the_command(installed, tmp_path):
    # `python3 -m anything` cannot start in such a directory, with us or without; the command can.
    (tmp_path / "types.py").write_text("raise SystemExit('shadowed by the working directory')\n")
    answer = run(os.path.join(installed, "bin/scalene"), "--version", cwd=str(tmp_path))
    assert answer.returncode == 0, answer.stderr


def test_exit_status_passes_through_the_package(installed, tmp_path):
    answer = run(os.path.join(installed, "bin/scalene"), "run", "--cpu-only", "---", "-c", "raise SystemExit(7)",
                 cwd=str(tmp_path))
    assert answer.returncode == 7, answer.stderr


def test_import_changes_builtins_only(installed):
    code = ("import sys, os; modules = set(sys.modules); before = dict(os.environ); import scalene\n"
            "print(sorted(set(sys.modules) - modules), before == dict(os.environ), profile is scalene.profile)")
    answer = run(os.path.join(installed, "bin/python"), "-c", code)
    assert answer.stdout.strip() == "['scalene'] True True", answer.stderr


def test_start_outside_a_run_warns_and_goes_on(installed):
    code = "import scalene; scalene.start(); scalene.stop(); print('still here')"
    answer = run(os.path.join(installed, "bin/python"), "-c", code)
    assert (answer.returncode, answer.stdout) == (0, "still here\n")
    assert answer.stderr.count("RuntimeWarning: Scalene:") == 2


def test_a_block_that_raises_is_stopped_and_the_exception_goes_on(installed):
    code = ("import warnings; warnings.simplefilter('ignore'); from scalene import scalene_profiler\n"
            "calls = []; scalene_profiler.start = lambda: calls.append('start')\n"
            "scalene_profiler.stop = lambda: calls.append('stop')\n"
            "try:\n  with scalene_profiler.enable_profiling(): raise KeyError\n"
            "except KeyError: print(calls)")
    answer = run(os.path.join(installed, "bin/python"), "-c", code)
    assert answer.stdout.strip() == "['start', 'stop']", answer.stderr


@pytest.mark.parametrize("words, status, text", [
    ([], 2, "usage:"), (["--on"], 2, "usage:"), (["--on", "--off", "--pid", "1"], 2, "usage:"),
    (["--off", "--pid", "4194305"], 1, "Process 4194305 not found."),
    (["--off", "--pid", "1"], 1, "is not being profiled"),
], ids=["nothing", "no-pid", "both", "no-such-process", "a-process"])
def test_switching_from_outside_says_what_it_cannot_do(installed, words, status, text):
    answer = run(os.path.join(installed, "bin/python"), "-m", "scalene.profile", *words)
    assert answer.returncode == status
    assert text in answer.stderr
