"""`scalene view --html`: one file that needs nothing else, holds the profile's own numbers, and runs none of its text."""

import base64
import hashlib
import json
import re
import subprocess

import pytest

from support import scalene
from support.payload import Payload

METRICS = {"time.python": "n_cpu_percent_python", "time.native": "n_cpu_percent_c", "time.system": "n_sys_percent",
           "memory.peak": "n_peak_mb", "memory": "n_malloc_mb", "copy": "n_copy_mb_s", "await": "n_async_await_percent"}


@pytest.fixture
def write_page(tmp_path):
    """write_page(profile, *words) → (the page's bytes, the finished process)"""
    def write(profile, *words):
        done = subprocess.run([str(scalene.binary()), "view", "--html", *map(str, words), str(profile)], cwd=tmp_path,
                              capture_output=True, timeout=60,
                              env={**scalene.clean_environment(tmp_path), "OPENAI_API_KEY": "marker-in-environment"})
        path = tmp_path / "scalene-profile.html"
        return path.read_bytes() if path.exists() else b"", done
    return write


def test_the_name_of_the_page_is_printed(write_page, rich):
    page, done = write_page(rich)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"Profile saved to: scalene-profile.html\n", b"")
    assert page.startswith(b"<!doctype html>")


def test_every_line_has_the_numbers_of_the_profile(write_page, rich):
    payload = Payload.of_page(write_page(rich)[0])
    for path, file in json.loads(rich.read_text())["files"].items():
        owner = payload.file(path)
        for metric, key in METRICS.items():
            truth = {line["lineno"]: line[key] for line in file["lines"] if line[key]}
            shown = {line: value for line, value in payload.rows(owner, metric).items() if value}
            assert shown == pytest.approx(truth, rel=1e-6), metric
        source = [line["line"].rstrip("\r\n") for line in file["lines"]]
        escapes = {"\\u003c": "<", "\\u003e": ">", "\\u0026": "&"}
        plain = [line["ext"]["raw"].rstrip("\n") if "raw" in line.get("ext", {}) else
                 re.sub(r"\\u003[ce]|\\u0026", lambda found: escapes[found.group()], text)
                 for line, text in zip(file["lines"], source)]
        assert (payload.column(owner, "text") or "\n" * (len(plain) - 1)).split("\n") == plain or not plain


@pytest.mark.parametrize("kind", ["gil", "lock"])
def test_who_held_what_a_row_waited_for_comes_with_the_row(write_page, rich, kind):
    payload = Payload.of_page(write_page(rich)[0])
    document = json.loads(rich.read_text())
    assert payload.header["gil"]["holders"] == document["ext"]["gil"]["holders"]
    seen, key = 0, kind + "_holders"
    for path, file in document["files"].items():
        owner = payload.file(path)
        lines = list(payload.column(owner, "line"))
        shown = {lines[row]: holders for row, holders in owner.get("holders", {}).get(kind, [])}
        truth = {line["lineno"]: line["ext"][key] for line in file["lines"] if key in line.get("ext", {})}
        assert shown == truth
        seen += len(shown)
    assert seen > 0


def test_the_tree_has_the_weight_of_every_stack(write_page, rich):
    payload = Payload.of_page(write_page(rich)[0])
    document = json.loads(rich.read_text())
    truth = {}
    for (frames, _), weights in zip(document["combined_stacks"], document["ext"]["stack_weights"]["rows"]):
        names = tuple(frame["display_name"] for frame in frames)
        truth[names] = truth.get(names, 0) + sum(weights[:4])
    assert payload.stacks("time") == pytest.approx({names: sec for names, sec in truth.items() if sec})


def test_text_of_the_profile_is_nowhere_in_the_html(write_page, rich):
    page, _ = write_page(rich)
    shell = re.sub(rb'(id="p">)[A-Za-z0-9+/=]*', rb"\1", page)
    assert b"--name=" not in shell and b"owned" not in shell
    assert len(re.findall(rb"</script", shell)) == 3 and b"marker-in-environment" not in page
    assert Payload.of_page(page).header["args"] == ["train.py", "--name=</script>"]


def test_the_policy_allows_the_page_itself_and_no_request(write_page, rich):
    page, _ = write_page(rich)
    policy = re.search(rb'Content-Security-Policy" content="([^"]*)"', page).group(1).decode()
    assert "default-src 'none'" in policy and "connect-src 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy
    elements = re.sub(rb"(<script[^>]*>).*?</script>", rb"\1", page, flags=re.DOTALL)  # what the served page may load is text
    assert elements.count(b"<script") >= 3 and not re.search(rb'(src|href)\s*=', elements)


def policy_of(page):
    return re.search(rb'Content-Security-Policy" content="([^"]*)"', page).group(1).decode()


def test_a_page_may_ask_the_origins_that_it_was_allowed_and_no_other(write_page, rich):
    plain, _ = write_page(rich)
    page, _ = write_page(rich, "--ai-origin", "https://Host.example/v1/", "--ai-origin=http://localhost:11434", "--ai-origin", "https://host.example/v2")
    policy = policy_of(page)
    assert re.search(r"connect-src ([^;]*);", policy).group(1) == "https://host.example http://localhost:11434"
    assert b'data-ai-origins="https://host.example/v1 http://localhost:11434 https://host.example/v2"' in page[:2000]
    assert "unsafe" not in policy and "*" not in policy
    for kind, element, many in (("script", rb"<script>(.*?)</script>", 3), ("style", rb"<style>(.*?)</style>", 2)):
        inline = re.findall(element, page, re.DOTALL)
        hashes = ["'sha256-%s'" % base64.b64encode(hashlib.sha256(text).digest()).decode() for text in inline]
        assert len(inline) == many and re.search(kind + r"-src ([^;]*);", policy).group(1).split() == hashes
    assert len(re.findall(rb"<script>|<style>", plain)) == 3 and b"data-ai-origins" not in plain
    assert Payload.of_page(page).header == Payload.of_page(plain).header


@pytest.mark.parametrize("words, sentence", [
    (["--ai-origin", "host.example"], "'host.example' is no address"),
    (["--ai-origin", "http://host.example/v1"], "must begin with https://"),
    (["--ai-origin", "https://me:word@host.example"], "holds a name or password"),
    (["--ai-origin", "https://host.example/../v1"], "has a path of more than"),
    (["--ai-origin", "https://*.example"], "names no server"),
    (["--ai-origin", "https://a; script-src 'unsafe-inline'"], "names no server"),
    (["--ai-origin", "https://host.example", "--no-ai"], "exclude each other"),
])
def test_an_address_that_is_none_is_a_usage_error(write_page, rich, words, sentence):
    page, done = write_page(rich, *words)
    assert (page, done.returncode, done.stdout) == (b"", 2, b"") and sentence in done.stderr.decode()


def test_the_served_page_takes_no_address(rich):
    done = subprocess.run([str(scalene.binary()), "view", "--no-browser", "--ai-origin", "https://host.example", rich], capture_output=True, text=True)
    assert done.returncode == 2 and "--ai-origin is for a written page" in done.stderr


def test_a_title_cannot_leave_its_element(write_page, rich, tmp_path):
    document = json.loads(rich.read_text())
    document["program"] = "/x/</title><script>window.PWNED=1</script>&\"'"
    rich.write_text(json.dumps(document))
    page, _ = write_page(rich)
    assert b"PWNED" not in page.split(b"<title>")[1].split(b"</title>")[1].split(b'id="p">')[0]
    assert b"<script>window" not in page


def test_without_source_there_is_none(write_page, rich):
    payload = Payload.of_page(write_page(rich, "--no-source")[0])
    assert all("text" not in file["columns"] for file in payload.header["files"])
    assert "--no-source" in payload.header["notes"][0]


def test_redacted_pages_name_no_folder_of_the_machine(write_page, rich):
    document = json.loads(rich.read_text())
    moved = json.dumps(document).replace("/demo/", "/home/secret/demo/").replace('"/demo"', '"/home/secret/demo"')
    rich.write_text(moved)
    payload = Payload.of_page(write_page(rich, "--redact-paths")[0])
    assert "secret" not in json.dumps(payload.header)
    assert {"difflib.py", "train.py"} < {file["path"] for file in payload.header["files"]}


def test_a_small_limit_drops_pieces_and_says_which(write_page, rich):
    page, done = write_page(rich, "--max-size", "1KB")
    said = done.stderr.decode().splitlines()
    assert "timeline is coarser" in said[0] and "Nothing more can be left out" in said[-1]
    assert Payload.of_page(page).header["notes"][0] in said[0]


@pytest.mark.parametrize("size", ["", "0", "-1", "12 parsecs", "1e9"])
def test_a_size_that_is_none_is_a_usage_error(write_page, rich, size):
    page, done = write_page(rich, "--max-size", size)
    assert (page, done.returncode, done.stdout) == (b"", 2, b"")


@pytest.mark.parametrize("text", ["{}", '{"files": {}}'])
def test_an_empty_profile_makes_a_page_that_says_so(write_page, tmp_path, text):
    (tmp_path / "p.json").write_text(text)
    page, done = write_page("p.json")
    assert done.returncode == 0
    assert Payload.of_page(page).header["notes"][0].startswith("No profile data found in the file.")
    assert len(page) <= 220 * 1024


def test_numbers_that_make_no_sense_stay_numbers(write_page, rich):
    document = json.loads(rich.read_text())
    line = document["files"]["/demo/train.py"]["lines"][10]
    line.update(n_cpu_percent_c=-5, n_peak_mb=1e308, n_mallocs=2 ** 62)
    document.update(elapsed_time_sec=-1.0)
    rich.write_text(json.dumps(document))
    page, done = write_page(rich)
    assert done.returncode == 0
    payload = Payload.of_page(page)
    assert payload.rows(payload.file("train.py"), "memory.peak")[11] == pytest.approx(3.4e38, rel=0.01)


def test_stacks_thousands_deep_are_a_tree(write_page, rich):
    document = json.loads(rich.read_text())
    frame = {"display_name": "f", "filename_or_module": "/demo/train.py", "ip": None, "kind": "py", "line": 5,
             "offset": None}
    document["combined_stacks"] = [[[frame] * 5000, 7]]
    document["combined_stacks_timeline"] = []
    del document["ext"]["stack_weights"]
    rich.write_text(json.dumps(document))
    payload = Payload.of_page(write_page(rich)[0])
    assert len(payload.column(payload.header["tree"], "parent")) > 5000


def test_a_run_writes_the_page_beside_the_profile(tmp_path):
    (tmp_path / "busy.py").write_text("sum(i * i for i in range(3_000_000))\n")
    done = subprocess.run([str(scalene.binary()), "run", "--cpu-only", "--python", "/usr/bin/python3", "-o", "out.html",
                           "busy.py"], cwd=tmp_path, capture_output=True, timeout=120,
                          env=scalene.clean_environment(tmp_path))
    assert done.returncode == 0 and b"Scalene: page saved to out.html\n" in done.stderr
    payload = Payload.of_page((tmp_path / "out.html").read_bytes())
    profile = json.loads((tmp_path / "out.json").read_text())
    [path] = profile["files"]
    truth = profile["files"][path]["lines"][0]["n_cpu_percent_python"]
    assert payload.rows(payload.file("busy.py"), "time.python")[1] == pytest.approx(truth, rel=1e-6)
