"""A capture in, the text of `scalene dump` out, compared line by line. Beside each capture: how it was made."""

import difflib
import subprocess
from pathlib import Path

import pytest

from support import scalene

GOLDEN = Path(__file__).parent
CAPTURES = sorted(GOLDEN.glob("*.capture"))


def dump(*words):
    return subprocess.run([str(scalene.binary()), "dump", *map(str, words)], capture_output=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("capture", CAPTURES, ids=[c.stem for c in CAPTURES])
def test_the_dump_of_a_capture_stays_the_same(capture):
    expected = capture.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    found = dump(capture).decode("utf-8").splitlines()
    difference = "\n".join(difflib.unified_diff(expected, found, "committed", "found", lineterm="", n=1))
    assert not difference, "\n" + difference


def test_every_capture_tells_how_it_was_made():
    assert CAPTURES
    for capture in CAPTURES:
        assert "scalene run" in capture.with_suffix(".md").read_text(encoding="utf-8")
