"""The page that `scalene view` serves, in Debian's Chromium (web/test/browser/served.mjs has the journeys)."""

import json
import re
import subprocess
import time

import pytest

from support import scalene
from support.advised import ANSWER, CHANGED, profile, without_keys  # noqa: F401, a fixture
from support.ai_servers import KEY, PROTOCOLS, FakeService
from support.viewer import Viewer, view  # noqa: F401, a fixture

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


def test_a_profile_that_is_rewritten_moves_the_page_and_nothing_else(view, profile, tmp_path):
    document = json.loads(profile.read_text())
    (entry,) = document["files"].values()
    line = entry["lines"][5]
    entry["lines"] = [{**line, "lineno": i, "line": "value_%d = compute(%d)\n" % (i, i), "n_cpu_percent_python": 100 / i, "start_region_line": i,
                       "end_region_line": i, "start_function_line": 0, "end_function_line": 0} for i in range(1, 301)]

    def write(path, elapsed, exit_status):
        document["elapsed_time_sec"] = elapsed
        document["ext"]["exit"] = exit_status
        entry["lines"][0]["n_cpu_percent_python"] += 1
        document["files"] = dict([("/new/%d/first-%d.py" % (90 - elapsed, elapsed), {**entry, "percent_cpu_time": 100.0}), *document["files"].items()])
        path.write_text(json.dumps(document))
        return {"file": str(path), "wall": "%.1f\u202fs" % elapsed}

    write(profile, 10, {"partial": True})
    editions = [write(tmp_path / "second", 20, {"partial": True}), write(tmp_path / "third", 30, {"status": 0})]
    travel("live", view(profile), profile=str(profile), editions=editions)


def test_the_page_of_a_run_in_progress(tmp_path):
    (tmp_path / "busy.py").write_text("import time\nend = time.time() + 9\nwhile time.time() < end:\n    sum(range(1000))\n")
    environment = {name: value for name, value in scalene.clean_environment(tmp_path).items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}
    run = subprocess.Popen([scalene.binary(), "run", "--live", "--cpu-only", "-o", "live.json", "busy.py"], cwd=tmp_path, env=environment,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    viewer = None
    try:
        found = None
        while not found:
            said = run.stderr.readline()
            assert said, "the run ended without an address"
            found = re.search(r"http://127\.0\.0\.1:(\d+)/#k=([0-9a-f]{32})", said)
        assert run.poll() is None
        viewer = Viewer(None, "127.0.0.1", int(found.group(1)), found.group(2))
        travel("running", viewer)
        assert run.wait(timeout=60) == 0
        assert viewer.ask("/api/about")[0] == 200  # the page outlives the run
        deadline = time.monotonic() + 60  # and the viewer ends with its page
        while _answers(viewer) and time.monotonic() < deadline:
            time.sleep(0.5)
        assert not _answers(viewer)
    finally:
        run.kill()
        run.wait()
        run.stderr.close()


def _answers(viewer):
    try:
        return viewer.ask("/api/about")[0] == 200
    except OSError:
        return False


def test_live_needs_a_file(tmp_path):
    (tmp_path / "x.py").write_text("")
    done = subprocess.run([scalene.binary(), "run", "--live", "-o", "-", "x.py"], cwd=tmp_path, capture_output=True, text=True,
                          env=scalene.clean_environment(tmp_path))
    assert done.returncode == 2 and "--live needs a profile in a file" in done.stderr
