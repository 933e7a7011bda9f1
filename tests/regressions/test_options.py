"""Options reach the run from every source, with the command line on top, and each does what it says."""

import json
import os
import shlex

import pytest

from support.profile_check import check_profile
from support.twin import Outcome, Profiled, assert_same, rows_of

pytestmark = pytest.mark.own_interpreter

SPIN = """
import json, os, time
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))
"""

# A value of every option that is not its default, and how the profile shows it.
VALUES = {
    "cpu-only": (True, True), "memory": (True, True), "gpu": (True, True), "profile-all": (True, True),
    "profile-only": ("prog,x y", ["prog", "x y"]), "profile-exclude": ("vendor", ["vendor"]),
    "profile-system-libraries": (True, True), "stacks": (False, False), "async": (False, False),
    "use-virtual-time": (True, True), "cpu-sampling-rate": (0.02, 0.02), "allocation-sampling-window": (2097152, 2097152),
    "cpu-percent-threshold": (0.5, 0.5), "malloc-threshold": (7, 7), "memory-leak-detector": (False, False),
    "profile-interval": (50, 50), "disable-jit": (True, True), "quiet": (True, True), "no-children": (True, None),
}


def run(twin, *options, program="prog.py", arguments=(), **how):
    profile = twin.new_profile_path()
    command = [str(twin.binary), "run", "--python", twin.python, "-o", str(profile), *options, program, *arguments]
    return Profiled(*twin.run(command, **how), path=profile)


def shown(outcome):
    """{option: [value, origin]} of the profile."""
    assert outcome.status == 0, outcome.errors
    return outcome.document["ext"]["options"]


def source_of(twin, origin, name, value):
    """Sets one option in one place. Returns options and environment for `run`."""
    key = name.replace("-", "_") if len(name) % 2 else name  # both spellings are keys
    if origin == "user":
        folder = twin.directory / "config" / "scalene"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(f"{key} = {json.dumps(value)}\n")
        return [], {"XDG_CONFIG_HOME": str(twin.directory / "config")}
    if origin == "pyproject":
        twin.write("pyproject.toml", f"[project]\nname = 'x'\n[tool.scalene]\n{key} = {json.dumps(value)}\n")
        return [], {}
    if origin == "config":
        twin.write("options.yaml", f"# ours\n{key}: {json.dumps(value)}\n")
        return ["-c", "options.yaml"], {}
    if origin == "environment":
        text = str(int(value)) if isinstance(value, bool) else str(value)
        return [], {"SCALENE_" + name.upper().replace("-", "_"): text}
    if isinstance(value, bool):
        return [("--" if value else "--no-") + name], {}
    return [f"--{name}", str(value)], {}


@pytest.mark.parametrize("origin", ["user", "pyproject", "config", "environment", "command line"])
def test_every_key_works_from_every_source(twin, origin):
    # Row 24.
    twin.write("prog.py", "")
    for name, (value, expected) in VALUES.items():
        options, environment = source_of(twin, origin, name, value)
        found = shown(run(twin, *options, env=environment))
        if expected is None:  # spelled as the opposite of a switch
            name, expected = name[3:], False
        assert found[name][1] == origin, (name, found.get(name))
        wanted = expected if not isinstance(expected, list) else (expected, ",".join(expected))
        if isinstance(expected, list):
            assert found[name][0] in wanted, (name, found[name])
        else:
            assert found[name][0] == wanted and isinstance(found[name][0], bool) == isinstance(wanted, bool), (name, found[name])
        for leftover in ("config/scalene/config.toml", "pyproject.toml", "options.yaml"):
            (twin.directory / leftover).unlink(missing_ok=True)


def test_the_order_of_the_sources(twin):
    # Row 24: `stacks: false` in a file used to beat `--stacks` on the command line.
    twin.write("prog.py", "")
    environment = {}
    for index, origin in enumerate(["user", "pyproject", "config", "environment"]):
        _, changes = source_of(twin, origin, "cpu-sampling-rate", 0.01 * (index + 2))
        environment.update(changes)
    options = ["-c", "options.yaml", "--cpu-sampling-rate", "0.5"]
    assert shown(run(twin, *options, env=environment))["cpu-sampling-rate"] == [0.5, "command line"]
    assert shown(run(twin, *options[:2], env=environment))["cpu-sampling-rate"] == [0.05, "environment"]
    environment.pop("SCALENE_CPU_SAMPLING_RATE")
    assert shown(run(twin, *options[:2], env=environment))["cpu-sampling-rate"] == [0.04, "config"]
    assert shown(run(twin, env=environment))["cpu-sampling-rate"] == [0.03, "pyproject"]
    assert shown(run(twin, "--no-config", env=environment)).get("cpu-sampling-rate", [0.01])[0] == 0.01
    twin.write("options.yaml", "stacks: false\n")
    assert shown(run(twin, "-c", "options.yaml", "--stacks"))["stacks"] == [True, "command line"]


def test_config_show_names_every_setting_and_its_origin(twin):
    twin.write("pyproject.toml", "[tool.scalene]\ncpu-only = true\n")
    outcome = twin.scalene("config", "--show", env={"SCALENE_PROFILE_INTERVAL": "5"})
    assert outcome.status == 0
    rows = {line.split()[0]: line for line in outcome.text.splitlines()}
    assert "pyproject.toml:2" in rows["cpu-only"] and "SCALENE_PROFILE_INTERVAL" in rows["profile-interval"]
    assert set(VALUES) - {"no-children"} <= set(rows)


def test_unknown_keys_warn_and_wrong_types_stop(twin):
    twin.write("prog.py", "print('ran')")
    twin.write("options.yaml", "cpu_olny: true\n")
    outcome = run(twin, "-c", "options.yaml")
    assert outcome.stdout == b"ran\n"
    assert b"Scalene: warning: unknown config option 'cpu_olny' (ignored)" in outcome.stderr and b"cpu-only" in outcome.stderr
    for text, reason in (("cpu_sampling_rate: fast\n", b"options.yaml"), ("- a\n- b\n", b"(got list)"), ("a: [1\n", b"options.yaml:"),
                         ("a: &x 1\nb: *x\n", b"options.yaml:"), ("a: 1\n---\nb: 2\n", b"options.yaml:"),
                         ("allocation-sampling-window: 0\n", b"allocation")):
        twin.write("options.yaml", text)
        outcome = run(twin, "-c", "options.yaml")
        assert (outcome.status, outcome.stdout) == (2, b""), (text, outcome)
        assert reason in outcome.stderr, (text, outcome.stderr)
    twin.write("options.yaml", "")
    assert run(twin, "-c", "options.yaml").status == 0


@pytest.mark.parametrize("value", ["0", "-1", "many", "1e6", ""])
def test_a_bad_window_is_refused_from_every_source(twin, value):
    # Row 52.
    twin.write("prog.py", "print('ran')")
    sources = [(["--allocation-sampling-window", value], {}), ([], {"SCALENE_ALLOCATION_SAMPLING_WINDOW": value})]
    for options, environment in sources if value else sources[:1]:  # an empty variable is an unset one
        outcome = run(twin, *options, env=environment)
        assert (outcome.status, outcome.stdout) == (2, b""), (options, environment, outcome)
        assert len(outcome.stderr.splitlines()) <= 2


def test_old_options_are_accepted_in_silence(twin):
    twin.write("prog.py", "import sys; print(sys.argv)")
    old = ["--use-legacy-tracer", "--use-python-callback", "--json", "--web", "--html", "--no-browser", "--viewer",
           "--reduced-profile", "--column-width", "120", "--port", "0", "--pid", "0", "--ipython", "--cpu"]
    outcome = run(twin, "--quiet", *old)
    assert (outcome.status, outcome.stdout) == (0, b"['prog.py']\n")
    assert b"unknown" not in outcome.stderr


class TestNamesOfOutputs:
    # Row 26.
    def names(self, twin, *options, program="prog.py", cwd=None):
        twin.write(program, SPIN + "os.chdir('/')\nspin(0.05)\n")
        command = [str(twin.binary), "run", "--python", twin.python, *options, str(twin.directory / program)]
        outcome = Outcome(*twin.run(command, cwd=cwd))
        assert outcome.status == 0, outcome.errors
        return outcome

    @pytest.mark.parametrize("given, written", [("run.v2", "run.v2"), ("plain", "plain.json"), ("x.json", "x.json"), (".hidden", ".hidden.json"),
                                                ("out/scalene-profile.json", "out/scalene-profile.json"), ("a b.json", "a b.json"),
                                                ("out/../y", "y.json"), ("caf\u00e9.json", "caf\u00e9.json"), (os.fsdecode(b"\xff.json"), os.fsdecode(b"\xff.json")), ("it's.json", "it's.json")])
    def test_the_name_is_kept_and_the_printed_command_shows_it(self, twin, given, written):
        (twin.directory / "out").mkdir()
        outcome = self.names(twin, "-o", given)
        check_profile(twin.directory / written)
        lines = os.fsdecode(outcome.stderr).splitlines()
        (saved,) = [line for line in lines if line.startswith("Scalene: profile saved to ")]
        assert os.path.normpath(saved[len("Scalene: profile saved to "):]) in (os.path.normpath(given), os.path.normpath(written))
        (hint,) = [line.split(":", 1)[1] for line in lines if "view --cli" in line]
        words = shlex.split(hint)
        assert words[:3] == ["scalene", "view", "--cli"] and os.path.normpath(words[3]) == os.path.normpath(written)
        shown_again = twin.scalene(*words[1:])
        assert shown_again.status == 0, shown_again

    def test_the_default_name_needs_no_argument(self, twin):
        outcome = self.names(twin)
        assert outcome.errors.endswith("\nScalene: profile saved to scalene-profile.json\n"
                                       "  To view in browser:  scalene view\n"
                                       "  To view in terminal: scalene view --cli\n") or "fewer" in outcome.errors or "samples" in outcome.errors
        check_profile(twin.directory / "scalene-profile.json")
        assert twin.scalene("view", "--cli").status == 0

    def test_the_pid_can_be_part_of_the_name(self, twin):
        twin.write("prog.py", "import os; print(os.getpid())")
        outcome = twin.scalene("run", "--python", twin.python, "-o", "p-%p.json", "prog.py")
        check_profile(twin.directory / f"p-{outcome.text.strip()}.json")

    def test_a_pipe_is_written_as_such(self, twin):
        twin.write("prog.py", "print('hello')")
        os.mkfifo(twin.directory / "pipe")
        script = 'cat pipe >got & "$@"; status=$?; wait; exit $status'
        outcome = twin.run(["sh", "-c", script, "sh", str(twin.binary), "run", "--python", twin.python, "-o", "pipe", "prog.py"])
        assert outcome[:2] == (0, b"hello\n")
        check_profile(twin.directory / "got")

    def test_an_old_profile_is_replaced_whole_and_links_are_followed(self, twin):
        twin.write("prog.py", "")
        twin.write("old.json", "x" * 100000)
        (twin.directory / "link.json").symlink_to("old.json")
        twin.scalene("run", "--python", twin.python, "-o", "link.json", "prog.py")
        check_profile(twin.directory / "link.json")

    def test_quiet_prints_nothing(self, twin):
        assert self.names(twin, "--quiet", "-o", "x.json").stderr == b""


class TestEffects:
    # Row 23, as far as the metrics of this version go, and row 35.
    def test_system_libraries_count_when_asked_for(self, twin):
        twin.write("prog.py", SPIN + "import json\nend = time.process_time() + 0.5\n"
                   "while time.process_time() < end: json.loads(json.dumps(list(range(300)), indent=1))\n")
        plain = run(twin).document
        system = run(twin, "--profile-system-libraries").document
        assert not any("/json/" in name for name in plain["files"])
        assert any("/json/" in name for name in system["files"])
        everything = run(twin, "--profile-all").document
        assert any("/json/" in name for name in everything["files"])

    def test_the_threshold_hides_and_shows_files(self, twin):
        twin.write("small.py", SPIN)
        twin.write("prog.py", SPIN + "import small\nsmall.spin(0.15)\nspin(0.6)\n")
        assert len(run(twin, "--cpu-percent-threshold", "0").document["files"]) == 2
        hidden = run(twin, "--cpu-percent-threshold", "50").document
        assert len(hidden["files"]) == 1
        assert hidden["ext"]["hidden"]["count"] == 1 and hidden["ext"]["hidden"]["files"][0][0].endswith("small.py")

    def test_without_stacks_every_stack_section_is_empty(self, twin):
        twin.write("prog.py", SPIN + "import threading\nthreads = [threading.Thread(target=spin, args=(0.2,)) for _ in range(2)]\n"
                   "for t in threads: t.start()\nfor t in threads: t.join()\nif os.fork() == 0:\n    spin(0.2)\n    os._exit(0)\nos.wait()\n")
        document = run(twin, "--no-stacks").document
        for section in ("combined_stacks", "combined_stacks_timeline", "stacks", "memory_stacks"):
            assert document.get(section, []) == [], section
        with_stacks = run(twin).document
        assert with_stacks["combined_stacks"] and with_stacks["combined_stacks_timeline"] and with_stacks["stacks"]

    def test_the_timeline_reaches_the_end_of_the_run(self, twin):
        # Row 35: cut off after 100,000 runs. Two places that alternate make a new run at every sample.
        twin.write("prog.py", SPIN + "end = time.process_time() + 1.2\nwhile time.process_time() < end:\n    sum(range(300))\n"
                   "    sorted(range(300))\n    max(range(300))\n")
        document = run(twin, "--cpu-sampling-rate", "0.001").document
        events = document["combined_stacks_timeline"]
        assert events[0]["t_sec"] == 0 or events[0]["t_sec"] < 0.5
        assert events[-1]["t_sec"] > document["elapsed_time_sec"] - 0.5

    def test_disable_jit_sets_two_variables_unless_they_are_set(self, twin):
        twin.write("prog.py", "import os; print(os.environ.get('JAX_DISABLE_JIT'), os.environ.get('PYTORCH_JIT'))")
        assert run(twin, "--disable-jit").stdout == b"1 0\n"
        assert run(twin, "--disable-jit", env={"PYTORCH_JIT": "1"}).stdout == b"1 1\n"
        assert run(twin).stdout == b"None None\n"

    def test_off_runs_unprofiled_and_says_so(self, twin):
        twin.write("prog.py", SPIN + "spin(0.3)\nprint('done')\nraise SystemExit(3)\n")
        outcome = run(twin, "--off")
        assert (outcome.status, outcome.stdout) == (3, b"done\n")
        assert b"Scalene: profiling was off for the whole run." in outcome.stderr
        assert outcome.document["files"] == {}

    def test_virtual_time_has_no_idle_time(self, twin):
        twin.write("prog.py", SPIN + "spin(0.3)\ntime.sleep(0.5)\n")
        document = run(twin, "--use-virtual-time").document
        assert document["ext"]["totals"].get("idle_sec", 0) == 0
        assert rows_of(document, "prog.py")["percent_cpu_time"] > 90

    def test_the_terminal_view_can_follow_the_run(self, twin):
        twin.write("prog.py", SPIN + "print('output')\nspin(0.5)\n")
        outcome = run(twin, "--cli")
        assert outcome.text.startswith("output\n") and "prog.py: % of time" in outcome.text


class TestOneStart:
    # Row 34, what it does rather than how long it takes.
    def test_the_interpreter_is_started_once(self, twin):
        log = twin.directory / "starts"
        shim = twin.write("shim/python3", f'#!/bin/sh\necho "$@" >>"{log}"\nexec "{twin.python}" "$@"\n')
        shim.chmod(0o755)
        twin.write("prog.py", "print('once')")
        outcome = Outcome(*twin.run([str(twin.binary), "run", "--python", str(shim), "-o", "x.json", "prog.py"]))
        assert outcome.stdout == b"once\n"
        assert log.read_text() == "prog.py\n"

    def test_nothing_is_imported_for_us(self, twin):
        # Row 33.
        twin.write("prog.py", "import sys; print(sorted(sys.modules))")
        assert_same(twin.bare("prog.py"), run(twin))
