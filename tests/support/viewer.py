"""A running `scalene view`, asked the way its page asks."""

import contextlib
import http.client
import json
import re
import socket
import subprocess

import pytest

from support import scalene


class Viewer:
    """A running `scalene view`, and requests to it."""

    def __init__(self, process, host, port, token):
        self.process, self.host, self.port, self.token = process, host, port, token

    def ask(self, path, method="GET", token=None, body=None, **headers):
        """(status, headers, body). Header names have _ for -; None leaves one out."""
        sent = {"Host": "127.0.0.1:%d" % self.port, "X-Scalene-Token": self.token if token is None else token}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def post(self, path, **body):
        """As the page does it: (status, JSON lines or text)."""
        status, headers, answer = self.ask(path, "POST", body=json.dumps(body).encode(),
                                           Origin="http://127.0.0.1:%d" % self.port)
        if "json" not in headers.get("Content-Type", ""):
            return status, answer.decode()
        return status, [json.loads(line) for line in answer.splitlines()]

    @property
    def address(self):
        return "http://127.0.0.1:%d/#k=%s" % (self.port, self.token)

    def events(self):
        """Yields what the event stream says, as it comes."""
        with socket.create_connection((self.host, self.port), timeout=20) as connection:
            connection.sendall(b"GET /api/alive HTTP/1.1\r\nHost: localhost\r\nX-Scalene-Token: %s\r\n\r\n"
                               % self.token.encode())
            with connection.makefile("rb") as lines:
                for line in lines:
                    if line.startswith(b"data: "):
                        yield json.loads(line[6:])


@pytest.fixture
def view(tmp_path):
    """view(*words) → a Viewer that serves without a browser, ended after the test."""
    processes = []

    def start(*words, keep=True, **environment):
        process = subprocess.Popen(
            [str(scalene.binary()), "view", "--no-browser", *(["--keep"] if keep else []), *map(str, words)],
            cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**scalene.clean_environment(tmp_path), "OPENAI_API_KEY": "marker-in-environment",
                 "XDG_CACHE_HOME": str(tmp_path / "cache"), **environment})
        processes.append(process)
        said = process.stderr.readline().decode()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/#k=([0-9a-f]{32})\n", said)
        assert found, said
        return Viewer(process, "127.0.0.1", int(found.group(1)), found.group(2))

    yield start
    for process in processes:
        process.kill()
        process.communicate()
