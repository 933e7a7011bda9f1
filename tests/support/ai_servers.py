"""Fake AI services on this machine: one server that speaks the protocol of each, in answers of our own making.

    with FakeService("anthropic", "the answer") as service: ...      service.requests holds what was asked

What a service wants of a request (path, key, shape) is checked here, independently of the code under test.
"""

import hashlib
import hmac
import http.server
import json
import threading
import time
import urllib.parse

KEY = "sk-marker-of-a-secret-key-0123456789"
AWS_ID = "AKIDMARKER"


def _sse(*events):
    return "".join("data: %s\n\n" % (event if isinstance(event, str) else json.dumps(event)) for event in events)


def _halves(text):
    return text[:len(text) // 2], text[len(text) // 2:]


def _openai(text):
    return _sse({"type": "response.created"}, *({"type": "response.output_text.delta", "delta": t} for t in _halves(text)),
                {"type": "response.completed"})


def _chat(text):
    return _sse({"choices": [{"delta": {"role": "assistant", "content": None}}]},
                *({"choices": [{"delta": {"content": t}}]} for t in _halves(text)),
                {"choices": [{"delta": {}, "finish_reason": "stop"}]}, "[DONE]")


def _anthropic(text):
    return _sse({"type": "message_start", "message": {}}, {"type": "ping"},
                *({"type": "content_block_delta", "delta": {"type": "text_delta", "text": t}} for t in _halves(text)),
                {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"})


def _gemini(text):
    first, second = _halves(text)
    return _sse({"candidates": [{"content": {"parts": [{"text": "thinking", "thought": True}, {"text": first}]}}]},
                {"candidates": [{"content": {"parts": [{"text": second}]}, "finishReason": "STOP"}]})


def _bedrock(text):
    return json.dumps({"output": {"message": {"content": [{"text": t} for t in _halves(text)]}}, "stopReason": "end_turn"})


def _ollama(text):
    lines = [{"message": {"content": t}, "done": False} for t in _halves(text)] + [{"message": {"content": ""}, "done": True}]
    return "".join(json.dumps(line) + "\n" for line in lines)


class Protocol:
    def __init__(self, path, answer, key_header, key_prefix, environment, prompt, models=None):
        self.path, self.answer, self.key_header, self.key_prefix = path, answer, key_header, key_prefix
        self.environment, self.prompt, self.models = environment, prompt, models


_OPENAI_MODELS = {"data": [{"id": "small"}, {"id": "large"}]}
PROTOCOLS = {
    "bedrock": Protocol("/model/maker.m-1%3A0/converse", _bedrock, None, "",
                        {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "{base}", "AWS_ACCESS_KEY_ID": AWS_ID, "AWS_SECRET_ACCESS_KEY": KEY,
                         "AWS_REGION": "eu-central-1"}, lambda b: b["messages"][0]["content"][0]["text"]),
    "anthropic": Protocol("/v1/messages", _anthropic, "x-api-key", "",
                          {"ANTHROPIC_BASE_URL": "{base}", "ANTHROPIC_API_KEY": KEY}, lambda b: b["messages"][0]["content"],
                          ("/v1/models?limit=1000", _OPENAI_MODELS)),
    "azure": Protocol("/openai/v1/chat/completions", _chat, "api-key", "",
                      {"AZURE_OPENAI_ENDPOINT": "{base}/", "AZURE_OPENAI_API_KEY": KEY}, lambda b: b["messages"][0]["content"]),
    "gemini": Protocol("/v1beta/models/maker.m-1%3A0:streamGenerateContent?alt=sse", _gemini, "x-goog-api-key", "",
                       {"GOOGLE_GEMINI_BASE_URL": "{base}", "GEMINI_API_KEY": KEY},
                       lambda b: b["contents"][0]["parts"][0]["text"],
                       ("/v1beta/models?pageSize=1000", {"models": [{"name": "models/small"}, {"name": "models/large"}]})),
    "compatible": Protocol("/v1/chat/completions", _chat, "authorization", "Bearer ",
                           {"OPENAI_BASE_URL": "{base}/v1", "OPENAI_API_KEY": KEY}, lambda b: b["messages"][0]["content"],
                           ("/v1/models", _OPENAI_MODELS)),
    "openai": Protocol("/v1/responses", _openai, "authorization", "Bearer ",
                       {"SCALENE_AI_ADDRESS": "{base}", "OPENAI_API_KEY": KEY}, lambda b: b["input"],
                       ("/v1/models", _OPENAI_MODELS)),
    "ollama": Protocol("/api/chat", _ollama, None, "", {"OLLAMA_HOST": "{host}"}, lambda b: b["messages"][0]["content"],
                       ("/api/tags", {"models": [{"name": "small"}, {"name": "large"}]})),
}


def _aws_signature(request, secret):
    """Amazon's signature of a request, computed the way its documentation tells it."""
    given = request.headers["authorization"]
    assert given.startswith("AWS4-HMAC-SHA256 Credential="), given
    fields = dict(part.strip().split("=", 1) for part in given[len("AWS4-HMAC-SHA256 "):].split(","))
    _, day, region, service, end = fields["Credential"].split("/")
    names = fields["SignedHeaders"].split(";")
    path = "/".join(urllib.parse.quote(part, safe="-._~") for part in request.path.split("/"))
    canonical = "\n".join([request.method, path, "", *("%s:%s" % (n, request.headers[n]) for n in names), "", ";".join(names),
                           hashlib.sha256(request.body).hexdigest()])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", request.headers["x-amz-date"], "/".join([day, region, service, end]),
                         hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in (day, region, service, end):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return fields["Signature"], hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def _texts(value):
    if isinstance(value, str):
        return [value]
    return [text for each in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else [])
            for text in _texts(each)]


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.body = method, path, body
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.json = json.loads(body) if body else None


class FakeService:
    """`status`, `body`: a refusal in place of the answer. `chunk`, `pause_sec`: how the answer is cut. `cut`: bytes after
    which the connection ends. `silent`: says nothing. `pages`: lets pages of any origin ask (CORS)."""

    MODEL = "maker.m-1:0"

    def __init__(self, name, text="", status=200, body=None, headers=(), chunk=0, pause_sec=0.0, cut=None, silent=False, pages=False):
        self.pages = pages
        self.protocol = PROTOCOLS[name]
        self.name, self.status, self.chunk, self.pause_sec, self.cut, self.silent = name, status, chunk, pause_sec, cut, silent
        self.body = (self.protocol.answer(text) if body is None else body).encode()
        self.headers = headers
        self.requests, self.complaints = [], []
        self.released = threading.Event()

    def __enter__(self):
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                service._answer(self, self.rfile.read(int(self.headers["content-length"])))

            def do_GET(self):
                service._answer(self, b"")

            def do_OPTIONS(self):  # a browser asks first whether it may ask
                self.send_response(204)
                for name, value in service._permissions():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = "127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def environment(self):
        return {name: value.format(base="http://" + self.host, host=self.host)
                for name, value in self.protocol.environment.items()}

    def _answer(self, handler, body):
        request = Request(handler.command, handler.path, handler.headers, body)
        self.requests.append(request)
        self._check(request)
        if self.silent:
            self.released.wait(60)
            return
        models = self.protocol.models
        reply = json.dumps(models[1]).encode() if request.method == "GET" and models and self.status == 200 else self.body
        try:
            handler.send_response(self.status)
            for name, value in [*self.headers, *self._permissions()]:
                handler.send_header(name, value)
            handler.end_headers()
            reply = reply[:self.cut]
            step = self.chunk or len(reply) or 1
            for at in range(0, len(reply), step):
                handler.wfile.write(reply[at:at + step])
                handler.wfile.flush()
                time.sleep(self.pause_sec)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _permissions(self):
        allowed = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Headers", "authorization, content-type")]
        return allowed if self.pages else []

    def _check(self, request):
        protocol = self.protocol
        path = protocol.models[0] if request.method == "GET" else protocol.path
        if request.path != path:
            self.complaints.append("path %s, not %s" % (request.path, path))
        if KEY in request.path:
            self.complaints.append("the key stands in the address")
        if protocol.key_header and request.headers.get(protocol.key_header) != protocol.key_prefix + KEY:
            self.complaints.append("no key in " + protocol.key_header)
        if self.name == "anthropic" and request.headers.get("anthropic-version") != "2023-06-01":
            self.complaints.append("no version")
        if self.name == "bedrock":
            given, expected = _aws_signature(request, KEY)
            if given != expected:
                self.complaints.append("signature %s, not %s" % (given, expected))

    def prompt(self):
        """The prompt of the only request."""
        assert self.complaints == []
        (request,) = [each for each in self.requests if each.method == "POST"]
        prompt = self.protocol.prompt(request.json)
        longest = sorted(_texts(request.json), key=len)[-2:]
        assert len(longest[0]) < 60 and longest[1] == prompt  # nothing else speaks to the model
        return prompt
