"""What `scalene view --cli` prints: source as written, busiest first, no colour in files, times in their right units."""

import json
import re

import pytest

from support.profile_check import without_ext

pytestmark = pytest.mark.own_interpreter

SPIN = """
import time
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))
"""


def view(twin, profile, *options, **how):
    outcome = twin.scalene("view", "--cli", *options, str(profile), **how)
    assert outcome.status == 0, outcome.errors
    return outcome.text


def test_source_is_shown_as_written(twin):
    # Row 36.
    hostile = 'text = "<b>&amp;</b>" if 1 < 2 > 0 else "\\u00e9 \\u003c \\\\u0026"'
    twin.write("prog.py", SPIN + hostile + "\nspin(0.5)\n")
    outcome = twin.profiled("prog.py")
    assert outcome.document
    assert hostile in view(twin, outcome.path, "--width", "200")


def test_files_come_busiest_first_and_piped_output_has_no_escapes(twin):
    # Row 37.
    for name in ("aaa", "mmm", "zzz"):
        twin.write(name + ".py", SPIN)
    twin.write("prog.py", "import aaa, mmm, zzz\naaa.spin(0.2)\nmmm.spin(0.4)\nzzz.spin(0.8)\n")
    outcome = twin.profiled("prog.py")
    text = view(twin, outcome.path)
    heads = re.findall(r"/(\w+)\.py: % of time", text)
    assert heads[:3] == ["zzz", "mmm", "aaa"]
    assert "\x1b" not in text and "\r" not in text
    assert "\x1b[" in view(twin, outcome.path, "--color", "always")
    assert "\x1b" not in view(twin, outcome.path, "--color", "never")


def test_the_headline_and_the_functions(twin):
    twin.write("prog.py", SPIN + "spin(0.6)\n")
    outcome = twin.profiled("prog.py")
    text = view(twin, outcome.path)
    assert re.search(r"^%s: %% of time = +\d+\.\d\d%% \([\d.]+m?s\) out of [\d.]+m?s" % re.escape(f"{twin.directory}/prog.py"), text, re.M)
    assert re.search(r"^Function summaries:$", text, re.M)
    assert re.search(r"^ +spin \(line 3\): \d+\.\d% Python, \d+\.\d% native", text, re.M)


@pytest.mark.parametrize("seconds, written", [(0.0125, "12.500ms"), (2.345, "2.345s"), (59.9994, "59.999s"), (100.0, "1m:40.000s"),
                                              (7507.25, "2h:5m:7.250s")])
def test_times_are_written_in_their_units(twin, seconds, written):
    # Row 37: 100 s used to be printed as 2m:40.000s.
    twin.write("prog.py", SPIN + "spin(0.3)\n")
    outcome = twin.profiled("prog.py")
    document = outcome.document
    scale = seconds / document["ext"]["totals"]["total_sec"]
    document["elapsed_time_sec"] = seconds
    for name, value in document["ext"]["totals"].items():
        if name.endswith("_sec"):
            document["ext"]["totals"][name] = value * scale
    document["ext"]["totals"]["total_sec"] = seconds
    changed = twin.directory / "changed.json"
    changed.write_text(json.dumps(document, sort_keys=True) + "\n")
    assert f"out of {written}" in view(twin, changed)


@pytest.mark.parametrize("content, status, words", [
    (b"{}\n", 0, "No profile data found in the file."), (b"", 1, "Scalene: invalid JSON in profile file:"),
    (b"{\"files\": [", 1, "Scalene: invalid JSON in profile file:"), (b"[1, 2]", 1, "Scalene: "), (b"\xff\xfe\x00", 1, "Scalene: "),
    (None, 1, "Scalene: profile file 'missing.json' not found.")], ids=["empty object", "empty", "cut", "list", "binary", "missing"])
def test_files_that_are_no_profiles(twin, content, status, words):
    name = "given.json" if content is not None else "missing.json"
    if content is not None:
        (twin.directory / name).write_bytes(content)
    outcome = twin.scalene("view", "--cli", name)
    assert outcome.status == status and words in outcome.text + outcome.errors


def test_an_empty_profile_says_why(twin):
    twin.write("prog.py", "")
    outcome = twin.profiled("prog.py")
    assert "No profile data found in the file." in view(twin, outcome.path)


def test_profiles_of_the_reference_are_shown(twin):
    # Without any `ext`, as the reference writes them.
    twin.write("prog.py", SPIN + "spin(0.5)\n")
    outcome = twin.profiled("prog.py")
    plain = twin.directory / "plain.json"
    plain.write_text(json.dumps(without_ext(outcome.document), indent=4))
    assert "prog.py: % of time" in view(twin, plain)
    (twin.directory / "empty.json").write_text("{}")
    assert "No profile data" in view(twin, twin.directory / "empty.json")


def test_reduced_output_shows_only_lines_with_activity(twin):
    twin.write("prog.py", SPIN + "\n" * 50 + "quiet = 1\n" + "spin(0.5)\n")
    outcome = twin.profiled("prog.py")
    full, reduced = view(twin, outcome.path), view(twin, outcome.path, "-r")
    assert "quiet = 1" in full and "quiet = 1" not in reduced and "..." in reduced and "sum(range(1000))" in reduced
