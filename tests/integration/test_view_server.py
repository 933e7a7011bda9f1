"""The server of `scalene view`: who may ask, what is answered, and that it goes away with its page."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from support import scalene
from support.payload import Payload
from support.samples import TOOL, rich  # noqa: F401, a fixture
from support.viewer import Viewer, view  # noqa: F401, a fixture


@pytest.fixture
def viewer(view, rich):
    return view(rich)


# ---- What is answered ----

def test_the_page_and_its_profile(viewer):
    status, headers, shell = viewer.ask("/", token="")
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    assert b'data-form="served"' in shell and b'id="p"' not in shell
    assert viewer.ask("/app.js")[0] == viewer.ask("/later.js")[0] == viewer.ask("/app.css")[0] == 200
    status, headers, body = viewer.ask("/api/profile")
    assert status == 200 and headers["Cache-Control"] == "no-store"
    assert Payload(body).header["program"] == "/demo/train.py"


def test_every_answer_has_its_protections(viewer):
    for path in ("/", "/app.js", "/api/profile", "/nothing"):
        headers = viewer.ask(path)[1]
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        assert not [name for name in headers if name.lower().startswith("access-control")]


def test_an_unchanged_profile_is_not_sent_again(viewer):
    tag = viewer.ask("/api/profile")[1]["ETag"]
    assert viewer.ask("/api/profile", If_None_Match=tag)[::2] == (304, b"")
    script = viewer.ask("/app.js")[1]["ETag"]
    assert viewer.ask("/app.js", If_None_Match=script)[0] == 304


def test_the_environment_is_in_no_answer(viewer):
    for path in ("/", "/app.js", "/app.css", "/api/profile", "/api/about"):
        assert b"marker-in-environment" not in viewer.ask(path)[2]


def test_ipv6_answers_too(viewer):
    try:
        other = Viewer(viewer.process, "::1", viewer.port, viewer.token)
        assert other.ask("/api/about", Host="[::1]:%d" % viewer.port)[0] == 200
    except OSError:
        assert not os.path.exists("/proc/net/if_inet6") or "00000001 01" not in open("/proc/net/if_inet6").read()


# ---- Who may ask ----

@pytest.mark.parametrize("token", ["", "0" * 32, "short", "0" * 33])
def test_without_the_token_there_is_no_profile(viewer, token):
    status, _, body = viewer.ask("/api/profile", token=token)
    assert status == 401 and b"train.py" not in body
    assert viewer.ask("/api/alive", token=token)[0] == 401


def test_the_token_is_no_part_of_the_address(viewer):
    assert viewer.ask("/api/profile?k=" + viewer.token, token="")[0] == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example",
                                  "127.0.0.1@evil.example", "localhost:80:80", "", None, "192.168.1.1"])
def test_a_foreign_host_is_refused(viewer, host):
    for path in ("/", "/api/profile"):
        assert viewer.ask(path, Host=host)[0] == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:9999", "[::1]:1", "127.0.0.1"])
def test_loopback_names_are_served_through_any_tunnel(viewer, host):
    assert viewer.ask("/api/profile", Host=host)[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused(viewer, origin):
    assert viewer.ask("/api/profile", Origin=origin)[0] == 403
    assert viewer.ask("/api/open", method="POST", body=b"{}", Origin=origin)[0] == 403


def test_a_post_without_origin_is_refused(viewer):
    assert viewer.ask("/api/open", method="POST", body=b'{"file":0,"line":1}')[0] == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"])
def test_other_methods_are_refused(viewer, method):
    assert viewer.ask("/api/profile", method=method)[0] == 405


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/..%2f..%2fetc/passwd", "/etc/passwd", "//etc/passwd",
                                  "/api/../etc/passwd", "/api/file/../../etc/passwd", "/app.js/../../etc/passwd"])
def test_no_path_reaches_the_file_system(viewer, path):
    status, _, body = viewer.ask(path)
    assert status == 404 and b"root:" not in body


# ---- The editor ----

@pytest.fixture
def editor(tmp_path):
    """A command that writes down its arguments; the file they go to."""
    script, called = tmp_path / "my-editor", tmp_path / "called"
    script.write_text('#!/bin/sh\nprintf "%%s\\n" "$@" > %s.tmp; mv %s.tmp %s\n' % (called, called, called))
    script.chmod(0o755)
    return "%s --at {file}:{line}" % script, called


def test_a_line_opens_in_the_editor(view, editor, tmp_path):
    source = tmp_path / "it's; $(touch pwned) me.py"
    source.write_text("f()\n")
    subprocess.run([TOOL, "sample", "example", tmp_path / "p.json"], check=True)
    profile = json.loads((tmp_path / "p.json").read_text())
    profile["files"] = {str(source): profile["files"].popitem()[1]}
    (tmp_path / "p.json").write_text(json.dumps(profile))
    command, called = editor
    viewer = view("p.json", SCALENE_EDITOR=command)
    viewer.ask("/api/profile")
    own = "http://127.0.0.1:%d" % viewer.port
    assert viewer.ask("/api/open", method="POST", body=b'{"file": 0, "line": 1}', Origin=own)[0] == 204
    deadline = time.monotonic() + 10
    while not called.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert called.read_text() == "--at\n%s:1\n" % source
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("body", [b"", b"{}", b'{"file": "/etc/passwd", "line": 1}', b'{"file": 99, "line": 1}',
                                  b'{"file": -1, "line": 1}', b'{"file": 0, "line": 0}', b'{"file": 0}',
                                  b'{"file": 1e9, "line": 1}'])
def test_only_lines_of_the_profile_open(view, rich, editor, body):
    viewer = view(rich, SCALENE_EDITOR=editor[0])
    viewer.ask("/api/profile")
    own = "http://127.0.0.1:%d" % viewer.port
    assert viewer.ask("/api/open", method="POST", body=body, Origin=own)[0] == 400


# ---- Rough company ----

@pytest.mark.parametrize("sent, status", [
    (b"GET\r\n\r\n", b"400"), (b"GET / HTTP/2.0\r\n\r\n", b"400"), (b"\x16\x03\x01\x02\x00\r\n\r\n", b"400"),
    (b"GET http://evil/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", b"400"),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n", b"400"),
    (b"POST /api/open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
    (b"POST /api/open HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"400"),
    (b"POST /api/open HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"501"),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", b"431"),
])
def test_malformed_requests_get_a_plain_refusal(viewer, sent, status):
    with socket.create_connection(("127.0.0.1", viewer.port), timeout=20) as connection:
        connection.sendall(sent)
        assert connection.makefile("rb").readline().split()[1] == status
    assert viewer.ask("/api/about")[0] == 200


def test_a_request_may_come_byte_by_byte(viewer):
    with socket.create_connection(("127.0.0.1", viewer.port), timeout=20) as connection:
        for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n":
            connection.sendall(bytes([byte]))
            time.sleep(0.002)
        assert connection.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"


def test_ten_thousand_silent_connections_do_not_keep_the_page_out(viewer):
    silent = []
    for _ in range(10_000):
        try:
            silent.append(socket.create_connection(("127.0.0.1", viewer.port), timeout=5))
        except OSError:  # this process's own limit of descriptors
            for connection in silent[:200]:
                connection.close()
            del silent[:200]
    assert viewer.ask("/api/profile")[0] == 200
    for connection in silent:
        connection.close()


def test_readers_that_do_not_read_hold_up_nobody(viewer):
    slow = []
    for _ in range(50):
        connection = socket.create_connection(("127.0.0.1", viewer.port), timeout=20)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        connection.sendall(b"GET /api/profile HTTP/1.1\r\nHost: localhost\r\nX-Scalene-Token: %s\r\n\r\n"
                           % viewer.token.encode())
        slow.append(connection)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert {status for status, _, _ in pool.map(lambda _: viewer.ask("/api/profile"), range(32))} == {200}
    for connection in slow:
        connection.close()


# ---- Two viewers, live profiles, comparisons ----

def test_two_viewers_stand_side_by_side(view, rich):
    first, second = view(rich), view(rich)
    assert first.ask("/api/profile")[0] == second.ask("/api/profile")[0] == 200
    assert second.ask("/api/profile", token=first.token)[0] == 401


def test_a_profile_that_is_written_again_reaches_the_page(view, rich, tmp_path):
    document = json.loads(rich.read_text())
    document["ext"]["exit"] = {"partial": True}
    rich.write_text(json.dumps(document))
    viewer = view(rich)
    events = viewer.events()
    first = next(each for each in events if "edition" in each)
    assert first["partial"] is True
    document["ext"]["exit"] = {"status": 0}
    document["elapsed_time_sec"] = 77.0
    (tmp_path / "next").write_text(json.dumps(document))
    os.rename(tmp_path / "next", rich)
    later = next(each for each in events if each.get("edition") != first["edition"])
    assert later["partial"] is False
    assert Payload(viewer.ask("/api/profile")[2]).header["elapsed"] == 77.0


def test_a_profile_that_breaks_keeps_the_last_one_and_says_so(view, rich):
    viewer = view(rich)
    events = viewer.events()
    assert "edition" in next(events)
    rich.write_text("{")
    assert next(each for each in events if "error" in each)["error"].startswith("invalid JSON in profile file")
    assert viewer.ask("/api/profile")[0] == 200


def test_two_profiles_are_compared_line_by_line(view, rich, tmp_path):
    old = json.loads(rich.read_text())
    lines = old["files"]["/demo/train.py"]["lines"]
    new = json.loads(rich.read_text())
    changed = new["files"]["/demo/train.py"]["lines"]
    busy = next(i for i, line in enumerate(lines) if line["n_cpu_percent_python"] > 1)
    inserted = {**changed[busy], "ext": {}, "line": "# a new line\n", "n_cpu_percent_python": 0.0, "n_cpu_percent_c": 0.0,
                "n_sys_percent": 0.0}
    changed.insert(busy, inserted)
    for number, line in enumerate(changed, 1):
        line["lineno"] = number
    changed[busy + 1]["n_cpu_percent_python"] = 0.25
    (tmp_path / "new.json").write_text(json.dumps(new))
    payload = Payload(view(rich, "new.json").ask("/api/profile")[2])
    file = payload.file("train.py")
    assert payload.rows(file, "time.python")[busy + 2] == pytest.approx(0.25)
    assert payload.rows(file, "before.time.python")[busy + 2] == pytest.approx(lines[busy]["n_cpu_percent_python"])
    assert payload.header["compare"]["total"] == old["ext"]["totals"]["total_sec"]


# ---- Its end, and what it leaves ----

def test_it_ends_when_the_last_page_has_gone(view, rich):
    viewer = view(rich, keep=False)
    events = viewer.events()
    next(events)
    events.close()
    began = time.monotonic()
    assert viewer.process.wait(timeout=60) == 0
    assert time.monotonic() - began > 5


def test_interrupting_it_ends_it_at_once(view, rich):
    viewer = view(rich)
    viewer.process.send_signal(signal.SIGINT)
    assert viewer.process.wait(timeout=20) == 0


def test_a_taken_port_is_said(view, rich):
    taken = view(rich)
    done = subprocess.run([str(scalene.binary()), "view", "--no-browser", "--port", str(taken.port), str(rich)],
                          capture_output=True, timeout=30, env=scalene.clean_environment(rich.parent))
    assert done.returncode == 1 and b"cannot listen on port %d" % taken.port in done.stderr


@pytest.fixture
def browser(tmp_path):
    """A "browser" that keeps its arguments, and the file that it was sent to, with its mode."""
    script, kept = tmp_path / "fake-browser", tmp_path / "kept"
    kept.mkdir()
    script.write_text('#!/bin/sh\nf=${1#file://}\nstat -c %%a "$f" > %(d)s/mode\ncp "$f" %(d)s/page\n'
                      'tr "\\0" "\\n" < /proc/$$/cmdline > %(d)s/cmdline; echo done > %(d)s/done\n' % {"d": kept})
    script.chmod(0o755)
    return script, kept


def start_with(browser, rich, tmp_path):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    script, kept = browser
    process = subprocess.Popen([str(scalene.binary()), "view", str(rich)], cwd=tmp_path, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={**scalene.clean_environment(tmp_path), "BROWSER": str(script),
                                    "XDG_RUNTIME_DIR": str(runtime)})
    deadline = time.monotonic() + 20
    while not (kept / "done").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    address = re.search(r"url=http://127\.0\.0\.1:(\d+)/#k=([0-9a-f]{32})", (kept / "page").read_text())
    return Viewer(process, "127.0.0.1", int(address.group(1)), address.group(2)), kept, runtime


def test_the_browser_gets_the_token_through_a_file_of_the_user_alone(browser, rich, tmp_path):
    viewer, kept, runtime = start_with(browser, rich, tmp_path)
    try:
        assert (kept / "mode").read_text() == "600\n"
        assert viewer.token not in (kept / "cmdline").read_text()
        before = set(os.listdir(tmp_path))
        assert viewer.ask("/api/profile")[0] == 200
        deadline = time.monotonic() + 20
        while os.listdir(runtime) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert os.listdir(runtime) == [] and set(os.listdir(tmp_path)) == before
    finally:
        viewer.process.terminate()
        out, err = viewer.process.communicate()
    assert (out, err) == (b"", b"")


def test_killing_it_leaves_nothing(browser, rich, tmp_path):
    viewer, _, runtime = start_with(browser, rich, tmp_path)
    assert len(os.listdir(runtime)) == 1
    viewer.process.kill()
    viewer.process.communicate()
    deadline = time.monotonic() + 20
    while os.listdir(runtime) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert os.listdir(runtime) == []
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", viewer.port), timeout=5)


def test_without_a_browser_the_page_becomes_a_file(rich, tmp_path):
    environment = scalene.clean_environment(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"):
        environment.pop(name, None)
    for extra in ({}, {"BROWSER": "w3m:lynx:no-such-browser"}):
        (tmp_path / "scalene-profile.html").unlink(missing_ok=True)
        done = subprocess.run([str(scalene.binary()), "view", str(rich)], cwd=tmp_path, capture_output=True, timeout=60,
                              env={**environment, **extra})
        assert (done.returncode, done.stdout) == (0, b"Profile saved to: scalene-profile.html\n")
        assert done.stderr == b"Scalene: could not open a browser.\n"
        assert Payload.of_page((tmp_path / "scalene-profile.html").read_bytes()).header["program"] == "/demo/train.py"


def test_what_is_no_profile_opens_no_browser(browser, tmp_path):
    script, kept = browser
    (tmp_path / "p.json").write_text("{")
    done = subprocess.run([str(scalene.binary()), "view", "p.json"], cwd=tmp_path, capture_output=True, timeout=60,
                          env={**scalene.clean_environment(tmp_path), "BROWSER": str(script)})
    assert done.returncode == 1 and done.stderr.startswith(b"Scalene: invalid JSON in profile file: ")
    assert os.listdir(kept) == []
