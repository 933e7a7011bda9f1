"""The page that `scalene view` serves, in Debian's Chromium (web/test/browser/served.mjs has the journeys)."""

import json
import re
import subprocess
import time

from support import scalene
from support.advised import ANSWER, CHANGED, SOURCE, profile, without_keys  # noqa: F401, a fixture
from support.ai_servers import KEY, PROTOCOLS, FakeService
from support.viewer import Viewer, view  # noqa: F401, a fixture

JOURNEYS = scalene.TREE / "web" / "test" / "browser" / "served.mjs"
SHOTS = scalene.TREE / "build" / "web" / "screenshots"
NO_KEYS = {name: "" for protocol in PROTOCOLS.values() for name in protocol.environment}


def travel(journey, viewer, **told):
    SHOTS.mkdir(parents=True, exist_ok=True)
    plan = json.dumps({"address": viewer.address if viewer else None, "shots": str(SHOTS), **told})
    done = subprocess.run(["node", JOURNEYS, journey, plan], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def test_a_proposal_is_asked_for_read_and_applied(view, profile, tmp_path):
    def written(*words):
        return subprocess.run([scalene.binary(), "advise", "--prompt", *words, profile], capture_output=True, text=True, check=True,
                              env=without_keys(tmp_path)).stdout.rstrip("\n")

    prompt = written()
    others = [{"region": region, "goal": goal, "gpu": gpu, "text": written("--region", region, "--goal", goal, *(["--gpu"] if gpu else []))}
              for region in ("line", "loop", "function") for goal in ("speed", "memory") for gpu in (False, True)]
    assert len({each["text"] for each in others}) == len(others)
    with FakeService("anthropic", ANSWER, chunk=40, pause_sec=0.01) as service:
        viewer = view("--check-command", "grep 'sum(xs)' app.py", profile, **{**NO_KEYS, **service.environment})
        travel("proposal", viewer, prompt=prompt, prompts=others, key=KEY, code="def total(xs):\n    return sum(xs)\n")
        assert service.prompt() == prompt
    assert (tmp_path / "app.py").read_text() == CHANGED


def test_a_key_is_typed_and_remembered(view, profile, tmp_path):
    with FakeService("anthropic", ANSWER) as service:
        environment = {name: "" if value == KEY else value for name, value in service.environment.items()}
        viewer = view(profile, **{**NO_KEYS, **environment, "SCALENE_AI_PROVIDER": "anthropic", "XDG_CONFIG_HOME": str(tmp_path / "config")})
        travel("key", viewer, key=KEY)
        assert service.complaints == []
    assert (tmp_path / "config" / "scalene" / "credentials").read_text() == "ANTHROPIC_API_KEY=%s\n" % KEY


def test_without_an_editor_of_the_process_the_link_serves(view, profile, tmp_path):
    (tmp_path / "empty").mkdir()
    travel("editor", view(profile, **NO_KEYS, SCALENE_EDITOR="", VISUAL="", EDITOR="", PATH=str(tmp_path / "empty")))


def test_a_refusal_is_shown(view, profile):
    with FakeService("openai", status=429, body="{}") as service:
        travel("refusal", view(profile, **{**NO_KEYS, **service.environment}))


def write_page(profile, *words):
    done = subprocess.run([scalene.binary(), "view", "--html", "-o", "page.html", *words, profile], cwd=profile.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return profile.parent / "page.html"


def test_a_written_page_asks_the_services_it_was_allowed(profile, tmp_path):
    with FakeService("compatible", ANSWER, chunk=40, pause_sec=0.01, pages=True) as service, FakeService("compatible", ANSWER) as closed:
        addresses = ["http://%s/v1" % each.host for each in (service, closed)]
        page = write_page(profile, "--ai-origin", addresses[0], "--ai-origin", addresses[1])
        travel("written", None, address=page.as_uri() + "#", allowed=[service.host, closed.host], key=KEY, model=FakeService.MODEL)
        assert service.prompt().startswith("Goal: make the region below faster.")
    assert KEY not in page.read_text() and (tmp_path / "app.py").read_text() == SOURCE


def test_a_written_page_speaks_to_a_service_in_its_own_way(profile):
    """No request gets further than the browser, which is told what those services would say."""
    services = {"anthropic": "https://api.anthropic.com", "gemini": "https://generativelanguage.googleapis.com", "ollama": "http://localhost:11434"}
    page = write_page(profile, *(word for address in services.values() for word in ("--ai-origin", address)))
    plan = [{"origin": address, "path": PROTOCOLS[name].path, "said": PROTOCOLS[name].answer(ANSWER), "header": PROTOCOLS[name].key_header}
            for name, address in services.items()]
    travel("own", None, address=page.as_uri() + "#", services=plan, key=KEY, model=FakeService.MODEL)


def test_a_written_page_that_was_allowed_nothing_offers_the_prompt(profile):
    travel("quiet", None, address=write_page(profile).as_uri() + "#")


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
    enough = tmp_path / "enough"  # the page has seen what it waited for
    (tmp_path / "busy.py").write_text("import os, time\nend = time.time() + 60\n"
                                      f"while time.time() < end and not os.path.exists({str(enough)!r}):\n    sum(range(100000))\n")
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
        travel("running", viewer, enough=str(enough))
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


# ---- Hostile profiles ----

EVIL = '</script><script>window.PWNED=1</script><img src=x onerror="window.PWNED=1">'
NAMES = [EVIL, "\"'><svg onload=window.PWNED=1>", "javascript:window.PWNED=1", "\u202eevil\u202c\u2066", "a\x00b\x1b[31m", "\ud800lone", "{{constructor.constructor('window.PWNED=1')()}}",
         "${window.PWNED=1}", "<!--", "]]>", "\u2028\u2029"]


def poisoned(profile, longest):
    """A profile whose every text is an attack, with a line of that length and stacks 5,000 deep."""
    document = json.loads(profile.read_text())
    (entry,) = document["files"].values()
    template = entry["lines"][5]
    texts = NAMES + ["x = '" + "A" * longest + "'"]
    lines = [{**template, "lineno": i, "line": text + "\n", "n_cpu_percent_python": 8.0, "start_region_line": 1, "end_region_line": len(texts),
              "start_function_line": 1, "end_function_line": len(texts), "async_task_names": NAMES[:3]} for i, text in enumerate(texts, 1)]
    functions = [{**template, "line": name, "lineno": i} for i, name in enumerate(NAMES, 1)]
    document["files"] = {"/w/%d/%s.py" % (i, name): {**entry, "lines": lines if i == 0 else lines[:3], "functions": functions, "imports": NAMES,
                                                     "percent_cpu_time": 90.0 - i} for i, name in enumerate(NAMES)}
    frames = [{"kind": "py", "display_name": NAMES[i % len(NAMES)], "filename_or_module": "/w/0/%s.py" % EVIL, "line": 1, "ip": None,
               "code_line": None} for i in range(5000)]
    if document.get("combined_stacks"):
        stack = document["combined_stacks"][0]
        document["combined_stacks"][0] = [[{**stack[0][0], **{k: v for k, v in frame.items() if k in stack[0][0]}} for frame in frames], stack[1]]
    document.update(program="/w/%s.py" % EVIL, args=["%s" % name for name in NAMES])
    for thread in document["ext"].get("threads", []):
        thread["name"] = EVIL
    profile.write_text(json.dumps(document))
    return profile


def test_a_hostile_profile_stays_text_when_it_is_served(view, profile):
    travel("hostile", view(poisoned(profile, 100_000)))


def test_a_hostile_profile_stays_text_in_one_file(profile, tmp_path):
    subprocess.run([scalene.binary(), "view", "--html", "-o", "page.html", poisoned(profile, 10_000_000)], cwd=tmp_path, check=True, capture_output=True,
                   env=scalene.clean_environment(tmp_path))
    travel("hostile", None, address=(tmp_path / "page.html").as_uri())
