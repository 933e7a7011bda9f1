"""The page that `scalene view` serves, in Debian's Chromium (web/test/browser/served.mjs has the journeys)."""

import json
import subprocess

import pytest

from support import scalene
from support.advised import ANSWER, CHANGED, profile, without_keys  # noqa: F401, a fixture
from support.ai_servers import KEY, PROTOCOLS, FakeService
from support.viewer import view  # noqa: F401, a fixture

JOURNEYS = scalene.TREE / "web" / "test" / "browser" / "served.mjs"
SHOTS = scalene.TREE / "build" / "web" / "screenshots"
NO_KEYS = {name: "" for protocol in PROTOCOLS.values() for name in protocol.environment}


def travel(journey, viewer, **told):
    SHOTS.mkdir(parents=True, exist_ok=True)
    plan = json.dumps({"address": viewer.address, "shots": str(SHOTS), **told})
    done = subprocess.run(["node", JOURNEYS, journey, plan], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def test_a_proposal_is_asked_for_read_and_applied(view, profile, tmp_path):
    prompt = subprocess.run([scalene.binary(), "advise", "--prompt", profile], capture_output=True, text=True, check=True,
                            env=without_keys(tmp_path)).stdout.rstrip("\n")
    with FakeService("anthropic", ANSWER, chunk=40, pause_sec=0.01) as service:
        viewer = view(profile, **{**NO_KEYS, **service.environment})
        travel("proposal", viewer, prompt=prompt, key=KEY)
        assert service.prompt() == prompt
    assert (tmp_path / "app.py").read_text() == CHANGED


def test_a_refusal_is_shown(view, profile):
    with FakeService("openai", status=429, body="{}") as service:
        travel("refusal", view(profile, **{**NO_KEYS, **service.environment}))
