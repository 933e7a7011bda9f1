"""The profile file as others see it: the reference's validator and viewer, Python's json, the published schema."""

import json
import os
import subprocess

import pytest

from support import scalene
from support.samples import TOOL

REFERENCE = scalene.TREE / ".deps" / "reference" / "bin"

PROGRAM = """
def work(n):
    return sum(i * i for i in range(n) if i < n & n > 0)


for _ in range(40):
    work(100_000)
"""


def call(*words, **keywords):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120, **keywords)


@pytest.fixture(scope="module", autouse=True)
def reference_installed():
    subprocess.run([scalene.TREE / "tools" / "install-reference"], check=True)


@pytest.fixture(params=["example", "rich", "empty", "run"])
def profile(request, tmp_path):
    """A profile file: the samples of render/sample_document, and one of a real run."""
    path = tmp_path / "profile.json"
    if request.param != "run":
        assert call(TOOL, "sample", request.param, path).returncode == 0
        return path
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    ran = call(scalene.binary(), "run", "--cpu-only", "-o", path, program, env=scalene.clean_environment(tmp_path))
    assert ran.returncode == 0, ran.stderr
    return path


def without_ext(value):
    if isinstance(value, dict):
        return {key: without_ext(item) for key, item in value.items() if key != "ext"}
    return [without_ext(item) for item in value] if isinstance(value, list) else value


def validate_with_reference(path):
    code = ("import json, sys; from scalene.scalene_json import ScaleneJSONSchema;"
            "ScaleneJSONSchema.model_validate(json.load(open(sys.argv[1])))")
    checked = call(REFERENCE / "python", "-c", code, path)
    assert checked.returncode == 0, checked.stderr


def test_the_references_validator_accepts_it(profile):
    validate_with_reference(profile)


def test_without_our_additions_it_is_still_a_profile(profile, tmp_path):
    stripped = tmp_path / "stripped.json"
    stripped.write_text(json.dumps(without_ext(json.loads(profile.read_text()))))
    validate_with_reference(stripped)
    assert call(TOOL, "check", stripped).returncode == 0


def test_the_references_viewer_opens_it(profile):
    shown = call(REFERENCE / "scalene", "view", "--cli", profile)
    assert shown.returncode == 0, shown.stderr
    files = json.loads(profile.read_text())["files"]
    assert ("% of time" in " ".join(shown.stdout.split())) == bool(files), shown.stdout  # long paths are wrapped


def test_our_own_checks_find_nothing(profile):
    checked = call(TOOL, "check", profile)
    assert checked.returncode == 0, checked.stderr


def test_reading_and_writing_gives_the_same_bytes(profile, tmp_path):
    again = tmp_path / "again.json"
    assert call(TOOL, "rewrite", profile, again).returncode == 0
    assert again.read_bytes() == profile.read_bytes()


def test_it_is_sorted_ascii(profile):
    text = profile.read_bytes().decode("ascii")
    pairs_seen = []
    json.loads(text, object_pairs_hook=lambda pairs: pairs_seen.append([key for key, _ in pairs]))
    assert pairs_seen and all(keys == sorted(keys) for keys in pairs_seen)


def test_compressed_it_is_the_same_profile(profile, tmp_path):
    packed, unpacked = tmp_path / "p.json.gz", tmp_path / "p.json"
    assert call(TOOL, "rewrite", profile, packed).returncode == 0
    assert packed.read_bytes()[:2] == b"\x1f\x8b"
    assert call(TOOL, "rewrite", packed, unpacked).returncode == 0
    assert unpacked.read_bytes() == profile.read_bytes()


def test_a_profile_of_the_reference_opens_here(tmp_path):
    program, path = tmp_path / "caf\u00e9.py", tmp_path / "reference.json"
    program.write_text(PROGRAM)
    ran = call(REFERENCE / "scalene", "run", "--cpu-only", "-o", path, program, cwd=tmp_path,
               env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert path.exists(), ran.stderr
    shown = call(scalene.binary(), "view", "--cli", "--wide", path, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert shown.returncode == 0, shown.stderr
    assert "caf\u00e9.py: % of time" in shown.stdout
    assert "if i < n & n > 0" in shown.stdout
