"""Which files a profile shows: one rule, compared by whole path components, and an empty profile says what was filtered."""

import os

import pytest

from support.twin import Profiled, Twin, assert_same, rows_of

pytestmark = pytest.mark.own_interpreter

SPIN = """
import time
def spin(seconds=0.25):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))
"""


def run(twin, *words, cwd=None, env=None):
    profile = twin.new_profile_path()
    command = [str(twin.binary), "run", "--python", twin.python, "-o", str(profile), *words]
    return Profiled(*twin.run(command, cwd=cwd, env=env), path=profile)


def files(outcome):
    assert outcome.status == 0, outcome.errors
    return outcome.document["files"]


def names(outcome):
    return sorted(os.path.basename(name) for name in files(outcome))


@pytest.mark.parametrize("place", ["usr/src/app", "home/me/usr/app", "lib/python3.11/app", "test", "site-packages-of-mine", "python3", "scalene",
                                   "frozen/importlib", "opt/venv-tools"])
def test_projects_in_places_that_look_like_something_else(twin, place):
    # Rows 21 and 22: matched by substring, such a project used to vanish.
    twin.write(f"{place}/helper.py", SPIN)
    twin.write(f"{place}/prog.py", "import helper\nhelper.spin()\nfor _ in range(5000000): pass\n")
    assert names(run(twin, "prog.py", cwd=twin.directory / place)) == ["helper.py", "prog.py"]


def test_a_project_in_the_systems_own_place_for_applications(twin):
    # Row 21, with the very path: only where this user may make it.
    place = "/usr/src/scalene-test-%d" % os.getpid()
    try:
        os.makedirs(place)
    except OSError:
        pytest.skip("no right to make a directory below /usr/src")
    try:
        with open(place + "/prog.py", "w") as file:
            file.write(SPIN + "spin()\n")
        assert names(run(twin, "prog.py", cwd=place)) == ["prog.py"]
    finally:
        os.remove(place + "/prog.py")
        os.rmdir(place)


def test_a_module_run_from_its_project(twin):
    # Row 21: `-m pytest`, console scripts: the working directory is the root.
    twin.write("tests/test_things.py", SPIN.replace("def spin", "def test_spin").replace("seconds=0.25", "seconds=0.5"))
    twin.write("tool/runner.py", "import runpy, sys\nsys.path.insert(0, 'tests')\nimport test_things\ntest_things.test_spin(0.3)\n")
    # What runner.py's imports take may be enough to list it as well.
    listed = names(run(twin, "--cpu-only", "-m", "tool.runner"))
    assert "test_things.py" in listed and set(listed) <= {"test_things.py", "runner.py"}


def test_pytest_runs_and_the_tests_are_in_the_profile(twin):
    # Row 21.
    if twin.bare("-m", "pytest", "--version").status != 0:
        pytest.skip("this interpreter has no pytest")
    twin.write("test_things.py", "import time\ndef test_spin():\n    end = time.process_time() + 0.5\n"
               "    while time.process_time() < end: sum(range(1000))\n")
    assert names(run(twin, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_things.py")) == ["test_things.py"]


@pytest.fixture
def environment(twin):
    """A virtual environment without pip, as (python, site-packages)."""
    twin.bare("-m", "venv", "--without-pip", "project/.venv", timeout=60)
    python = twin.directory / "project/.venv/bin/python"
    if not python.exists():
        pytest.skip("this interpreter makes no virtual environments")
    (site,) = (twin.directory / "project/.venv/lib").glob("python3*/site-packages")
    return Twin(twin.binary, python, twin.directory), site


def test_a_console_script_profiles_the_working_directory(environment):
    # Row 21: the script itself lies in a directory of scripts.
    twin, site = environment
    scripts = os.path.dirname(twin.python)
    twin.write(f"{scripts}/tool", f"#!{twin.python}\nimport sys\nsys.path.insert(0, 'lib')\nimport app\napp.spin(0.4)\n").chmod(0o755)
    twin.write("work/lib/app.py", SPIN)
    profile = twin.new_profile_path()
    outcome = Profiled(*twin.run([str(twin.binary), "run", "-o", str(profile), f"{scripts}/tool"], cwd=twin.directory / "work"),
                       path=profile)
    assert names(outcome) == ["app.py"]
    assert outcome.document["filename"] == str(twin.directory / "work")


def test_a_virtual_environment_inside_the_project_is_not_profiled(environment):
    twin, site = environment
    (site / "installed.py").write_text(SPIN)
    twin.write("project/prog.py", SPIN + "import installed\ninstalled.spin(0.4)\nspin(0.3)\n")
    outcome = run(twin, "prog.py", cwd=twin.directory / "project")
    assert names(outcome) == ["prog.py"]
    line = max(rows_of(outcome.document, "prog.py")["lines"], key=lambda row: row["n_cpu_percent_c"] + row["n_cpu_percent_python"])
    assert "installed.spin" in line["line"] or "sum(" in line["line"]
    assert "installed.py" in names(run(twin, "--profile-system-libraries", "prog.py", cwd=twin.directory / "project"))
    assert names(run(twin, "--profile-only", str(site / "installed.py"), "prog.py", cwd=twin.directory / "project")) == ["installed.py"]


def test_a_project_inside_a_library_directory_is_profiled_with_program_path(environment):
    twin, site = environment
    package = site / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "core.py").write_text(SPIN)
    twin.write("project/prog.py", "from package import core\ncore.spin(0.4)\n")
    outcome = run(twin, "--program-path", str(package), str(twin.directory / "project/prog.py"))
    assert names(outcome) == ["core.py"]


@pytest.mark.parametrize("how", ["pth", "egg-link", "direct_url"])
def test_editable_installs_are_profiled(environment, how):
    twin, site = environment
    source = twin.directory / "elsewhere" / "deep" / "src"
    twin.write("elsewhere/deep/src/editable.py", SPIN)
    if how == "pth":
        (site / "editable.pth").write_text(f"{source}\n")
    elif how == "egg-link":
        (site / "editable.egg-link").write_text(f"{source}\n.")
        (site / "easy-install.pth").write_text(f"{source}\n")
    else:
        info = site / "editable-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: editable\nVersion: 1.0\n")
        (info / "direct_url.json").write_text(
            '{"dir_info": {"editable": true}, "url": "file://%s"}' % (twin.directory / "elsewhere" / "deep"))
        (site / "__editable__.editable.pth").write_text(f"import sys; sys.path.append({str(source)!r})\n")
    twin.write("project/prog.py", SPIN + "import editable\neditable.spin(0.3)\nspin(0.3)\n")
    assert names(run(twin, "prog.py", cwd=twin.directory / "project")) == ["editable.py", "prog.py"]


class TestPatterns:
    @pytest.fixture
    def project(self, twin):
        for name in ("prog.py", "app/core.py", "app/vendor/lib.py", "tests/test_app.py", "other/far.py"):
            twin.write("test/project/" + name, SPIN)
        twin.write("test/project/prog.py", SPIN + "import sys\nsys.path[:0] = ['app', 'app/vendor', 'tests', 'other']\n"
                   "import core, lib, test_app, far\nfor module in (core, lib, test_app, far): module.spin(0.12)\nspin(0.12)\n")
        twin.place = twin.directory / "test" / "project"
        return twin

    @pytest.mark.parametrize("options, expected", [
        ([], ["core.py", "far.py", "lib.py", "prog.py", "test_app.py"]),
        (["--profile-exclude", "test"], ["core.py", "far.py", "lib.py", "prog.py"]),  # not the `test` above the project
        (["--profile-exclude", "vendor, tests"], ["core.py", "far.py", "prog.py"]),
        (["--profile-exclude", "**/vendor/*,far*"], ["core.py", "prog.py", "test_app.py"]),
        (["--profile-only", "app"], ["core.py", "lib.py", "test_app.py"]),
        (["--profile-only", "app/core"], ["core.py"]),
        (["--profile-only", "*/app/*.py"], ["core.py"]),
        (["--profile-only", "app", "--profile-exclude", "vendor"], ["core.py", "test_app.py"]),
        (["--program-path", "app"], ["core.py", "lib.py", "prog.py"]),
    ], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
    def test_patterns(self, project, options, expected):
        # Row 22: one filter, in the CPU part; memory gets the same tests with its own issue.
        options = [*options, "--cpu-percent-threshold", "0"]
        assert names(run(project, *options, "prog.py", cwd=project.place)) == expected

    def test_an_absolute_pattern_widens(self, project):
        outside = project.write("beyond/extra.py", SPIN)
        project.write("test/project/prog.py", SPIN + f"import sys\nsys.path.insert(0, {str(outside.parent)!r})\nimport extra\n"
                      "extra.spin(0.3)\nspin(0.3)\n")
        assert names(run(project, "prog.py", cwd=project.place)) == ["prog.py"]
        assert names(run(project, "--profile-only", str(outside.parent), "prog.py", cwd=project.place)) == ["extra.py"]

    def test_files_beside_the_root_but_not_below_are_profiled(self, project):
        project.write("test/beside.py", SPIN)
        project.write("test/sibling/cousin.py", SPIN)
        project.write("test/project/prog.py", SPIN + "import sys\nsys.path[:0] = ['..', '../sibling']\nimport beside, cousin\n"
                      "beside.spin(0.3)\ncousin.spin(0.3)\nspin(0.3)\n")
        assert names(run(project, "prog.py", cwd=project.place)) == ["beside.py", "prog.py"]

    def test_symbolic_links_are_resolved(self, project):
        project.write("store/linked.py", SPIN)
        (project.place / "linked.py").symlink_to("../../store/linked.py")
        (project.directory / "alias").symlink_to("test/project")
        project.write("test/project/prog.py", SPIN + "import linked\nlinked.spin(0.3)\nspin(0.3)\n")
        found = files(run(project, "prog.py", cwd=project.directory / "alias"))
        assert str(project.place / "prog.py") in found
        assert all(os.path.realpath(name) == name for name in found)


class TestNothingToShow:
    def test_an_empty_program_gives_a_valid_profile_with_its_counters(self, twin):
        # Row 44: an empty run used to write `{}`.
        twin.write("prog.py", "")
        outcome = run(twin, "prog.py")
        assert outcome.status == 0 and outcome.stdout == b""
        assert b"Scalene: The specified code did not run for long enough to profile." in outcome.stderr
        assert outcome.document["files"] == {} and outcome.document["elapsed_time_sec"] > 0

    def test_a_short_program_keeps_its_status_and_output(self, twin):
        twin.write("prog.py", "print('short')\nraise SystemExit(4)\n")
        assert_same(twin.bare("prog.py"), run(twin, "prog.py"))

    def test_samples_outside_only_name_the_files_and_the_way_in(self, twin):
        # Row 21: "did not run for long enough" after minutes.
        twin.write("outside/busy.py", SPIN)
        twin.write("project/prog.py", "import sys\nsys.path.insert(0, sys.argv[1])\nimport busy\n")
        twin.write("outside/busy.py", SPIN + "import threading\nthread = threading.Thread(target=spin, args=(0.5,))\nthread.start()\nthread.join()\n")
        outcome = run(twin, "--profile-exclude", "project", "prog.py", str(twin.directory / "outside"), cwd=twin.directory / "project")
        assert outcome.status == 0
        assert "Scalene: the profile is empty:" in outcome.errors and "all outside the profiled files" in outcome.errors
        assert "busy.py" in outcome.errors and "--profile-all" in outcome.errors and str(twin.directory / "project") in outcome.errors
        outside = outcome.document["ext"]["outside"]
        assert outside["samples"] >= 20 and outside["files"][0][0].endswith("busy.py")

    def test_files_below_the_threshold_are_named(self, twin):
        twin.write("prog.py", SPIN + "spin(0.3)\n")
        outcome = run(twin, "--cpu-percent-threshold", "100.5", "prog.py")
        assert outcome.status == 0 and outcome.document["files"] == {}
        assert "prog.py" in outcome.errors and "--cpu-percent-threshold" in outcome.errors

    def test_few_samples_are_said_to_be_few(self, twin):
        twin.write("prog.py", SPIN + "spin(0.3)\n")
        assert "samples" in run(twin, "prog.py").errors
