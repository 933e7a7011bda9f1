"""Profiles that tests/profile_tool makes."""

import subprocess

import pytest

from support import scalene

TOOL = scalene.binary().parent.parent / "tests" / "profile_tool"


@pytest.fixture
def rich(tmp_path):
    path = tmp_path / "rich.json"
    subprocess.run([TOOL, "sample", "rich", path], check=True)
    return path
