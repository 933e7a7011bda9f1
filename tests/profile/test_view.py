"""`scalene view` as a command: what it prints where, and how it ends."""

import gzip
import json
import subprocess

import pytest

from support import scalene
from support.samples import TOOL


@pytest.fixture
def view(tmp_path):
    """view(*words) runs `scalene view` in an empty directory, with stdout a pipe."""
    def run_view(*words, stdin=None, **environment):
        return subprocess.run([str(scalene.binary()), "view", *map(str, words)], capture_output=True, cwd=tmp_path,
                              input=stdin, timeout=60, env={**scalene.clean_environment(tmp_path), "LC_ALL": "C.UTF-8",
                                                            **environment})
    return run_view


def test_without_a_name_it_shows_the_standard_profile(view, rich, tmp_path):
    rich.rename(tmp_path / "scalene-profile.json")
    assert b"/demo/train.py: % of time" in view("--cli").stdout


def test_a_missing_profile_names_the_newest_one_here(view, rich, tmp_path):
    (tmp_path / "package.json").write_text('{"name": "no profile"}')
    shown = view("--cli")
    assert shown.returncode == 1
    assert shown.stderr == (b"Scalene: profile file 'scalene-profile.json' not found. "
                            b"The newest profile here is 'rich.json'.\n")
    shown = view("--cli", "other.json")
    assert (shown.returncode, shown.stderr) == (1, b"Scalene: profile file 'other.json' not found.\n")


@pytest.mark.parametrize("text, why", [
    ("{", "invalid JSON in profile file: 1:2: "),
    ("hello", "invalid JSON in profile file: 1:1: "),
    ("[]", "error reading profile: "),
    ('{"name": "package"}', "error reading profile: "),
])
def test_what_is_no_profile_is_refused_in_one_line(view, tmp_path, text, why):
    (tmp_path / "p.json").write_text(text)
    for form in (["--cli"], []):
        shown = view(*form, "p.json")
        assert (shown.returncode, shown.stdout) == (1, b"")
        assert shown.stderr.startswith(b"Scalene: " + why.encode()) and shown.stderr.count(b"\n") == 1


def test_an_empty_profile_says_so_and_why(view, tmp_path):
    (tmp_path / "p.json").write_text("{}")
    shown = view("--cli", "p.json")
    assert (shown.returncode, shown.stdout) == (0, b"No profile data found in the file.\n")
    subprocess.run([TOOL, "sample", "empty", tmp_path / "p.json"], check=True)
    assert view("--cli", "p.json").stdout == (b"No profile data found in the file.\n"
                                              b"Nothing was sampled in the 0.000ms that the program ran.\n")


def test_reads_stdin_and_compressed_profiles(view, rich, tmp_path):
    expected = view("--cli", rich).stdout
    assert view("--cli", "-", stdin=rich.read_bytes()).stdout == expected
    (tmp_path / "p.json.gz").write_bytes(gzip.compress(rich.read_bytes()))
    assert view("--cli", "p.json.gz").stdout == expected


def test_colour_goes_to_terminals_only_unless_forced(view, rich):
    assert b"\x1b" not in view("--cli", rich).stdout
    assert b"\x1b[1;31m" in view("--cli", "--color", "always", rich).stdout
    assert b"\x1b[1;31m" in view("--cli", rich, FORCE_COLOR="1").stdout
    assert b"\x1b" not in view("--cli", rich, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert b"\x1b" not in view("--cli", "--color", "always", "--plain", rich).stdout


def test_hostile_text_never_reaches_the_terminal(view, rich):
    shown = view("--cli", "--wide", "--color", "always", rich).stdout
    assert b"'^[]0;owned^G^[[2J'" in shown
    assert b"\x1b]" not in shown and b"\x07" not in shown


def test_width_comes_from_the_option_then_the_environment_then_eighty(view, rich):
    def rule(*words, **environment):
        lines = view("--cli", *words, rich, **environment).stdout.decode().splitlines()
        return next(len(line) for line in lines if line.startswith("\u2500"))
    assert (rule(), rule(COLUMNS="100"), rule("--width", "120", COLUMNS="100")) == (80, 100, 120)


def test_without_utf8_everything_is_ascii(view, rich):
    assert view("--cli", rich, LC_ALL="C").stdout.isascii()
    assert view("--cli", "--plain", rich).stdout.isascii()


@pytest.mark.parametrize("words", [["--top", "0"], ["--width", "x"], ["--color", "red"], ["--colour"], ["a", "b"],
                                   ["--sort", "beauty"], ["--columns", "x"], ["--file", "x"], ["--function", "x"]])
def test_bad_words_are_one_line_and_status_two(view, rich, words):
    shown = view("--cli", *words, *([] if words == ["a", "b"] else [rich]))
    assert shown.returncode == 2 and shown.stdout == b""
    assert shown.stderr.startswith(b"Scalene: ")


def test_keys_from_the_environment_are_for_the_served_page_only(view, rich):
    for form in ("--cli", "--html", "--standalone"):
        assert view(form, "--api-keys-from-env", rich).returncode == 2


def test_help_goes_to_stdout(view):
    shown = view("--help")
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert b"usage: scalene view" in shown.stdout
    assert max(map(len, shown.stdout.decode().splitlines())) <= 80


def test_markdown_has_one_row_for_each_line(view, rich):
    with open(rich) as file:
        lines = sum(len(one["lines"]) for one in json.load(file)["files"].values())
    shown = view("--cli", "--markdown", rich).stdout.decode()
    assert sum(row.startswith("|") and row.lstrip("|> ")[:1].isdigit() for row in shown.splitlines()) == lines
