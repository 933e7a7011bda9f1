"""What the served page may ask of AI services, and what it never gets."""

import contextlib
import json
import os
import socket
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
    assert row == {"id": "anthropic", "label": "Anthropic", "host": service.host, "ready": True, "lists": True}


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
        assert served(service).post("/api/ai/models", provider="anthropic") == (200, [{"models": ["large", "small"]}])


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


def test_without_ai_there_is_no_way_to_it(view, profile):
    viewer = view("--no-ai", profile)
    assert b'data-ai="off"' in viewer.ask("/")[2]
    assert viewer.ask("/api/ai")[0] == 404 and viewer.post("/api/ai/ask", **QUESTION)[0] == 404


@pytest.mark.parametrize("path", ["/api/ai/ask", "/api/ai/models", "/api/ai/apply"])
def test_a_foreign_page_cannot_ask(served, path):
    viewer = served()
    assert viewer.ask(path, "POST", body=b"{}", Origin="http://evil.example")[0] == 403
    assert viewer.ask(path, "POST", body=b"{}")[0] == 403
    assert viewer.ask(path, "POST", body=b"{}", token="", Origin="http://127.0.0.1:%d" % viewer.port)[0] == 401
