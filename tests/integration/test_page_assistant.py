"""What the served page may ask of AI services, and what it never gets."""

import contextlib
import json
import os
import socket
import subprocess
import time

import pytest

from support.advised import ANSWER, CHANGED, SOURCE, profile, without_keys  # noqa: F401, a fixture
from support.ai_servers import KEY, PROTOCOLS, FakeService
from support.viewer import view  # noqa: F401, a fixture

QUESTION = {"provider": "anthropic", "model": FakeService.MODEL, "prompt": "Make it faster.", "file": 0, "start": 3, "end": 7}


@pytest.fixture
def served(view, profile):
    """served(service) → a Viewer of the profile whose process knows that service alone."""
    def start(service=None, **more):
        unset = {name: "" for protocol in PROTOCOLS.values() for name in protocol.environment}
        viewer = view(profile, **{**unset, **(service.environment if service else {}), **more})
        viewer.ask("/api/profile")
        return viewer
    return start


def test_services_are_named_without_their_keys(served):
    with FakeService("anthropic") as service:
        status, _, body = served(service).ask("/api/ai")
    known = json.loads(body)
    assert status == 200 and KEY.encode() not in body
    assert known["chosen"] == "anthropic" and [each["id"] for each in known["providers"]] == list(PROTOCOLS)
    (row,) = [each for each in known["providers"] if each["id"] == "anthropic"]
    assert row == {"id": "anthropic", "name": "Anthropic", "host": service.host, "ready": True, "lists": True, "key": "ANTHROPIC_API_KEY", "address": ""}
    assert [each["address"] for each in known["providers"] if each["address"]] == ["AZURE_OPENAI_ENDPOINT", "OPENAI_BASE_URL"]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_an_answer_arrives_in_pieces_and_ends_in_a_diff(served, name, tmp_path):
    with FakeService(name, ANSWER, chunk=11) as service:
        viewer = served(service)
        status, events = viewer.post("/api/ai/ask", **{**QUESTION, "provider": name})
        assert status == 200 and service.prompt() == QUESTION["prompt"]
        assert "".join(event.get("text", "") for event in events) == ANSWER
        assert "+    return sum(xs)" in events[-1]["diff"] and events[-1]["problem"] == ""
        assert (tmp_path / "app.py").read_text() == SOURCE
        status, (applied,) = viewer.post("/api/ai/apply", proposal=events[-1]["proposal"])
    assert status == 200 and (tmp_path / "app.py").read_text() == CHANGED
    assert applied["backup"] == str(tmp_path / "app.py.bak") and (tmp_path / "app.py.bak").read_text() == SOURCE
    assert applied["commands"][0] == "scalene run -o after.json app.py 'two words'"


def test_what_a_service_repeats_of_the_key_does_not_reach_the_page(served):
    body = json.dumps({"error": {"message": "bad key %s" % KEY}})
    with FakeService("openai", status=401, body=body) as service:
        _, events = served(service).post("/api/ai/ask", **{**QUESTION, "provider": "openai"})
    assert events == [{"error": "OpenAI (%s): it answers 401: the key is missing or not accepted. It says: bad key …" % service.host}]


def test_models_are_listed(served):
    with FakeService("anthropic") as service:
        viewer = served(service)
        assert viewer.post("/api/ai/models", provider="anthropic") == (200, [{"models": ["large", "small"]}])
        assert viewer.post("/api/ai/models", provider="anthropic") == (200, [{"models": ["large", "small"]}])
        assert len(service.requests) == 1  # the second list was kept
        assert viewer.post("/api/ai/models", provider="anthropic", anew=True) == (200, [{"models": ["large", "small"]}])
        assert len(service.requests) == 2


# ---- Keys that are typed ----

def without_its_key(service):
    return {name: "" if value == KEY else value for name, value in service.environment.items()}


def is_ready(viewer, name):
    (row,) = [each for each in json.loads(viewer.ask("/api/ai")[2])["providers"] if each["id"] == name]
    return row["ready"]


@pytest.mark.parametrize("name", [name for name, protocol in PROTOCOLS.items() if protocol.key_header])
def test_a_typed_key_is_used_and_never_seen_again(served, name, tmp_path):
    with FakeService(name, ANSWER) as service:
        viewer = served(**without_its_key(service))
        assert is_ready(viewer, name) == (name == "compatible")  # which can do without
        assert viewer.post("/api/ai/key", provider=name, key=KEY) == (200, [{"ready": True, "problem": ""}])
        assert is_ready(viewer, name) and KEY.encode() not in viewer.ask("/api/ai")[2]
        _, events = viewer.post("/api/ai/ask", **{**QUESTION, "provider": name})
        assert "+    return sum(xs)" in events[-1]["diff"] and service.prompt() == QUESTION["prompt"]
    for file in ("cmdline", "environ"):
        with open("/proc/%d/%s" % (viewer.process.pid, file), "rb") as seen:
            assert KEY.encode() not in seen.read()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    viewer.process.terminate()
    assert KEY.encode() not in b"".join(viewer.process.communicate(timeout=20))


def test_a_typed_key_is_for_its_service_alone(served):
    with FakeService("compatible", ANSWER) as service:
        viewer = served(**without_its_key(service))
        viewer.post("/api/ai/key", provider="openai", key=KEY)  # whose setting has the same name
        viewer.post("/api/ai/ask", **{**QUESTION, "provider": "compatible"})
        assert [request.headers.get("authorization") for request in service.requests] == [None]


def test_a_key_is_remembered_on_request(served, tmp_path):
    config = tmp_path / "config"
    with FakeService("anthropic", ANSWER) as service:
        environment = {**without_its_key(service), "XDG_CONFIG_HOME": str(config)}
        viewer = served(**environment)
        assert viewer.post("/api/ai/key", provider="anthropic", key=KEY, remember=True) == (200, [{"ready": True, "problem": ""}])
        file = config / "scalene" / "credentials"
        assert file.read_text() == "ANTHROPIC_API_KEY=%s\n" % KEY
        assert os.stat(file).st_mode & 0o777 == 0o600 and os.stat(file.parent).st_mode & 0o777 == 0o700
        del environment["ANTHROPIC_API_KEY"]
        assert is_ready(served(**environment), "anthropic")  # the next time, too


def test_a_remembered_key_that_the_environment_hides_is_said(served, tmp_path):
    with FakeService("anthropic", ANSWER) as service:
        viewer = served(**{**service.environment, "ANTHROPIC_API_KEY": "another-key", "XDG_CONFIG_HOME": str(tmp_path / "config")})
        _, (answer,) = viewer.post("/api/ai/key", provider="anthropic", key=KEY, remember=True)
        assert answer == {"ready": True, "problem": "The key is remembered, but the next time ANTHROPIC_API_KEY of the environment comes first."}
        assert viewer.post("/api/ai/ask", **QUESTION)[0] == 200 and service.complaints == []


def test_a_key_that_cannot_be_remembered_is_used_and_that_is_said(served, tmp_path):
    (tmp_path / "config").write_text("a file where the folder should be")
    with FakeService("anthropic", ANSWER) as service:
        viewer = served(**{**without_its_key(service), "XDG_CONFIG_HOME": str(tmp_path / "config")})
        status, (answer,) = viewer.post("/api/ai/key", provider="anthropic", key=KEY, remember=True)
        assert status == 200 and answer["ready"] is True and "was not remembered: cannot" in answer["problem"] and KEY not in answer["problem"]
        assert viewer.post("/api/ai/ask", **QUESTION)[0] == 200 and service.complaints == []


@pytest.mark.parametrize("body", [{"provider": "anthropic", "key": ""}, {"provider": "anthropic", "key": "two words"}, {"provider": "anthropic"},
                                  {"provider": "anthropic", "key": "a\nb: c"}, {"provider": "anthropic", "key": "k" * 5000},
                                  {"provider": "ollama", "key": KEY}, {"provider": "evil", "key": KEY}])
def test_what_is_no_key_is_refused(served, body):
    status, sentence = served().post("/api/ai/key", **body)
    assert status == 400 and KEY not in sentence


def test_a_reader_that_goes_away_ends_the_question(served):
    with FakeService("anthropic", ANSWER, chunk=1, pause_sec=0.05) as service:
        viewer = served(service)
        body = json.dumps(QUESTION).encode()
        with socket.create_connection(("127.0.0.1", viewer.port), timeout=20) as connection:
            connection.sendall(b"POST /api/ai/ask HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nX-Scalene-Token: %s\r\n"
                               b"Content-Length: %d\r\n\r\n%s" % (viewer.token.encode(), len(body), body))
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        deadline = time.monotonic() + 20
        while _children(viewer.process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _children(viewer.process.pid)
        assert viewer.ask("/api/about")[0] == 200


def _children(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as children:
        listed = children.read().split()
    for thread in os.listdir("/proc/%d/task" % pid):
        with contextlib.suppress(OSError), open("/proc/%d/task/%s/children" % (pid, thread)) as children:
            listed += children.read().split()
    return listed


def test_one_page_cannot_start_questions_without_end(served):
    with FakeService("anthropic", silent=True) as service:
        viewer = served(service)
        body = json.dumps(QUESTION).encode()
        open_ones = []
        for _ in range(4):
            connection = socket.create_connection(("127.0.0.1", viewer.port), timeout=20)
            connection.sendall(b"POST /api/ai/ask HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nX-Scalene-Token: %s\r\n"
                               b"Content-Length: %d\r\n\r\n%s" % (viewer.token.encode(), len(body), body))
            connection.recv(20)
            open_ones.append(connection)
        assert viewer.post("/api/ai/ask", **QUESTION)[0] == 429
        assert viewer.ask("/api/profile")[0] == 200
        for connection in open_ones:
            connection.close()


@pytest.mark.parametrize("change", [{"file": 99}, {"file": "/etc/passwd"}, {"file": -1}, {"provider": "evil"}, {"prompt": ""}, {"start": 0},
                                    {"provider": None}])
def test_only_questions_about_the_profile_are_asked(served, change):
    with FakeService("anthropic", ANSWER) as service:
        assert served(service).post("/api/ai/ask", **{**QUESTION, **change})[0] == 400
        assert service.requests == []


def test_nothing_is_written_but_a_proposal_that_was_made(served, tmp_path):
    viewer = served()
    for body in ({"proposal": 1}, {"proposal": "1"}, {}, {"proposal": 1, "file": "/etc/passwd"}):
        assert viewer.post("/api/ai/apply", **body)[0] == 404
    assert (tmp_path / "app.py").read_text() == SOURCE


def test_a_file_that_was_changed_since_is_left_alone(served, tmp_path):
    with FakeService("anthropic", ANSWER) as service:
        viewer = served(service)
        _, events = viewer.post("/api/ai/ask", **QUESTION)
        (tmp_path / "app.py").write_text("changed\n")
        status, text = viewer.post("/api/ai/apply", proposal=events[-1]["proposal"])
    assert status == 409 and "is not what was profiled any more" in text
    assert (tmp_path / "app.py").read_text() == "changed\n"


# ---- Checks ----

def with_version(profile, version):
    document = json.loads(profile.read_text())
    document["ext"]["python"] = {**document["ext"].get("python", {}), "version": version}
    profile.write_text(json.dumps(document))


def ask_for_one(viewer):
    return viewer.post("/api/ai/ask", **QUESTION)[1][-1]["proposal"]


def test_a_proposal_is_compiled_by_the_python_of_the_profile(view, profile, tmp_path):
    version = subprocess.run(["/usr/bin/python3", "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True).stdout.strip()
    with_version(profile, version)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / ("python" + version.rsplit(".", 1)[0])).symlink_to("/usr/bin/python3")
    # Only Python itself knows that this is none: it parses.
    bad = ANSWER.replace("return sum(xs)", "return (yield from xs) if (x := 1) else [(x := 2) for x in xs]")
    for answer, expected in ((ANSWER, {"check": "Python %s compiles it" % version, "ok": True}), (bad, None)):
        with FakeService("anthropic", answer) as service:
            unset = {name: "" for protocol in PROTOCOLS.values() for name in protocol.environment}
            viewer = view(profile, **{**unset, **service.environment, "PATH": "%s:%s" % (tmp_path / "bin", os.environ["PATH"])})
            viewer.ask("/api/profile")
            status, (said,) = viewer.post("/api/ai/check", proposal=ask_for_one(viewer))
        assert status == 200
        if expected:
            assert said == expected
        else:
            assert said["ok"] is False and said["check"].startswith("Python %s: line 4: " % version)
    assert (tmp_path / "app.py").read_text() == SOURCE


def test_without_that_python_it_is_said_that_nothing_compiled_it(served, profile):
    with_version(profile, "3.99.1")
    with FakeService("anthropic", ANSWER) as service:
        viewer = served(service)
        assert viewer.post("/api/ai/check", proposal=ask_for_one(viewer)) == (200, [{"check": "It parses; there is no python3.99 here to compile it", "ok": True}])


@pytest.mark.parametrize("command, passed", [("grep -c 'sum(xs)' app.py", True), ("echo out; echo err >&2; exit 3", False)])
def test_the_users_tests_run_once_the_proposal_is_applied(view, profile, command, passed):
    with_version(profile, "3.99.1")
    with FakeService("anthropic", ANSWER) as service:
        unset = {name: "" for protocol in PROTOCOLS.values() for name in protocol.environment}
        viewer = view("--check-command", command, profile, **{**unset, **service.environment})
        viewer.ask("/api/profile")
        assert json.loads(viewer.ask("/api/ai")[2])["check"] == command
        number = ask_for_one(viewer)
        assert len(viewer.post("/api/ai/check", proposal=number)[1]) == 1  # the file is still as it was
        assert viewer.post("/api/ai/apply", proposal=number)[0] == 200
        _, events = viewer.post("/api/ai/check", proposal=number, command="touch evil")
    assert events[-1]["ok"] is passed and events[-1]["check"].startswith(command + (" passed" if passed else " failed with status 3"))
    assert "".join(event.get("output", "") for event in events) == ("1\n" if passed else "out\nerr\n")
    assert not (profile.parent / "evil").exists()


def test_no_command_runs_that_the_command_line_did_not_name(served, tmp_path):
    with FakeService("anthropic", ANSWER) as service:
        viewer = served(service, SCALENE_CHECK_COMMAND="touch evil")
        number = ask_for_one(viewer)
        assert viewer.post("/api/ai/apply", proposal=number)[0] == 200
        assert len(viewer.post("/api/ai/check", proposal=number, check="touch evil", command="touch evil")[1]) == 1
        assert viewer.post("/api/ai/check", proposal=99)[0] == 404
    assert not (tmp_path / "evil").exists()


def test_a_reader_that_goes_away_ends_the_tests_and_what_they_started(view, profile, tmp_path):
    with FakeService("anthropic", ANSWER) as service:
        unset = {name: "" for protocol in PROTOCOLS.values() for name in protocol.environment}
        viewer = view("--check-command", "sleep 300 & echo $! > started; wait", profile, **{**unset, **service.environment})
        viewer.ask("/api/profile")
        number = ask_for_one(viewer)
        viewer.post("/api/ai/apply", proposal=number)
        body = json.dumps({"proposal": number}).encode()
        with socket.create_connection(("127.0.0.1", viewer.port), timeout=20) as connection:
            connection.sendall(b"POST /api/ai/check HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nX-Scalene-Token: %s\r\n"
                               b"Content-Length: %d\r\n\r\n%s" % (viewer.token.encode(), len(body), body))
            deadline = time.monotonic() + 20
            while not ((tmp_path / "started").exists() and (tmp_path / "started").read_text().strip()) and time.monotonic() < deadline:
                time.sleep(0.02)
            pid = int((tmp_path / "started").read_text())
        while _runs(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not _runs(pid)


def _runs(pid):
    try:
        with open("/proc/%d/stat" % pid) as state:
            return state.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_without_ai_there_is_no_way_to_it(view, profile):
    viewer = view("--no-ai", profile)
    assert b'data-ai="off"' in viewer.ask("/")[2]
    assert viewer.ask("/api/ai")[0] == 404 and viewer.post("/api/ai/ask", **QUESTION)[0] == 404


@pytest.mark.parametrize("path", ["/api/ai/ask", "/api/ai/models", "/api/ai/apply", "/api/ai/key", "/api/ai/check"])
def test_a_foreign_page_cannot_ask(served, path):
    viewer = served()
    assert viewer.ask(path, "POST", body=b"{}", Origin="http://evil.example")[0] == 403
    assert viewer.ask(path, "POST", body=b"{}")[0] == 403
    assert viewer.ask(path, "POST", body=b"{}", token="", Origin="http://127.0.0.1:%d" % viewer.port)[0] == 401
