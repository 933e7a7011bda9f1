"""tools/pythons, the one place that finds interpreters: what counts as one, and which of two stays."""

import json
import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))

import pythons  # noqa: E402  (found through the line above)


@pytest.fixture
def fake(tmp_path):
    """fake(name, **facts): an executable that answers like an interpreter."""
    def make(name, **facts):
        path = tmp_path / name
        answer = {"implementation": "cpython", "version": "3.12.1", "version_info": [3, 12, 1],
                  "executable": str(path), "free_threaded": False, "debug": False, "shared": False}
        answer.update(facts)
        path.write_text("#!/bin/sh\ncat <<'END'\n%s\nEND\n" % json.dumps(answer))
        path.chmod(0o755)
        return str(path)
    return make


def test_debians_own_comes_first():
    first = pythons.find()[0]
    assert first.executable == "/usr/bin/python3"


def test_each_version_is_listed_once(fake, monkeypatch):
    own = pythons.probe("/usr/bin/python3")
    twin = fake("twin", version=own.version, version_info=list(own.version_info))
    other = fake("other", version="3.12.99", version_info=[3, 12, 99])
    later = fake("later", version="3.12.99", version_info=[3, 12, 99])
    monkeypatch.setenv("SCALENE_PYTHONS", ":".join([twin, other, later]))
    found = [interpreter.executable for interpreter in pythons.find()]
    assert other in found and later not in found and twin not in found


def test_free_threaded_and_debug_builds_are_versions_of_their_own(fake, monkeypatch):
    names = [fake("plain"), fake("threads", free_threaded=True), fake("debug", debug=True)]
    monkeypatch.setenv("SCALENE_PYTHONS", ":".join(names))
    full_names = [interpreter.full_name for interpreter in pythons.find(["3.12", "3.12t", "3.12d"])]
    assert {"3.12.1", "3.12.1t", "3.12.1d"} <= set(full_names)


@pytest.mark.parametrize("facts", [
    {"implementation": "pypy"}, {"version": "3.7.9", "version_info": [3, 7, 9]},
    {"version": "3.16.0", "version_info": [3, 16, 0]}, {"executable": ""},
], ids=["pypy", "too-old", "too-new", "unknown-place"])
def test_what_scalene_does_not_know_is_left_out(fake, facts):
    assert pythons.probe(fake("python", **facts)) is None


def test_what_does_not_run_is_left_out(tmp_path):
    assert pythons.probe(str(tmp_path / "missing")) is None
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no such version >&2\nexit 127\n")
    broken.chmod(0o755)
    assert pythons.probe(str(broken)) is None


def test_a_shim_counts_as_what_it_starts(tmp_path):
    shim = tmp_path / "python3.99"
    shim.write_text('#!/bin/sh\nexec /usr/bin/python3 "$@"\n')
    shim.chmod(0o755)
    assert os.path.samefile(pythons.probe(str(shim)).executable, "/usr/bin/python3")
