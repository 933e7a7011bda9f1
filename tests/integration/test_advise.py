"""`scalene advise` against fake services of every protocol: what leaves, what comes back, what is done with it."""

import json
import os
import signal
import subprocess
import time

import pytest

from support import scalene
from support.advised import ANSWER, CHANGED, SOURCE, profile, without_keys  # noqa: F401, a fixture
from support.ai_servers import KEY, PROTOCOLS, FakeService

@pytest.fixture
def advise(tmp_path, profile):
    """advise(*words, service=…) → the ended process, with texts."""
    def call(*words, service=None, stdin="", timeout=60, **environment):
        command = [str(scalene.binary()), "advise", *map(str, words), profile.name]
        if service:
            command[2:2] = ["--model", FakeService.MODEL]
            environment = {**service.environment, **environment}
        return subprocess.run(command, cwd=tmp_path, env={**without_keys(tmp_path), **environment}, input=stdin, text=True,
                              capture_output=True, timeout=timeout)
    return call


# ---- Every service ----

@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_service_is_asked_and_its_answer_becomes_a_diff(advise, name, tmp_path):
    with FakeService(name, ANSWER) as service:
        done = advise("--yes", service=service)
    assert done.returncode == 0, done.stderr
    assert service.prompt() in done.stderr  # what left is what was shown
    assert service.prompt() == advise("--prompt").stdout.rstrip("\n")
    assert done.stdout.startswith(ANSWER)
    assert "--- a/app.py\n+++ b/app.py\n@@ -1,9 +1,6 @@\n" in done.stdout and "+    return sum(xs)\n" in done.stdout
    assert KEY not in done.stdout + done.stderr
    assert (tmp_path / "app.py").read_text() == SOURCE


@pytest.mark.parametrize("name", PROTOCOLS)
def test_an_answer_may_come_byte_by_byte(advise, name):
    with FakeService(name, ANSWER, chunk=1) as service:
        done = advise("--yes", service=service)
    assert done.returncode == 0 and done.stdout.startswith(ANSWER), done.stderr


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("status, headers, sentence", [
    (401, (), "it answers 401: the key is missing or not accepted"),
    (429, [("Retry-After", "9")], "it answers 429: too many requests, or nothing left to spend (try again after 9 s)"),
    (500, (), "it answers 500: it is in trouble"),
])
def test_a_refusal_is_a_sentence_without_the_key(advise, name, status, headers, sentence):
    body = json.dumps({"error": {"message": "bad key %s here" % KEY}})
    with FakeService(name, status=status, body=body, headers=headers) as service:
        done = advise("--yes", service=service)
    assert done.returncode == 1 and sentence in done.stderr and "It says: bad key " in done.stderr
    if name != "ollama":  # it has none
        assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("body", ["data: {wrong\n\n{wrong\n", "", "<html>hello</html>\n"])
def test_nonsense_is_a_sentence(advise, name, body):
    with FakeService(name, body=body) as service:
        done = advise("--yes", service=service)
    assert done.returncode == 1 and done.stderr.splitlines()[-1].startswith("Scalene: "), done.stderr


def test_a_stream_that_breaks_off_is_no_answer(advise, tmp_path):
    with FakeService("anthropic", ANSWER, cut=400) as service:
        done = advise("--yes", "--apply", service=service)
    assert done.returncode == 1 and "its answer broke off" in done.stderr
    assert (tmp_path / "app.py").read_text() == SOURCE


def test_a_silent_service_is_not_waited_for_for_ever(advise):
    with FakeService("anthropic", silent=True) as service:
        began = time.monotonic()
        done = advise("--yes", service=service, SCALENE_AI_PATIENCE="2")
    assert done.returncode == 1 and "too slow" in done.stderr and time.monotonic() - began < 30


def test_what_is_slow_is_shown_as_it_comes(tmp_path, profile):
    with FakeService("anthropic", ANSWER, chunk=150, pause_sec=0.3) as service:
        process = subprocess.Popen([str(scalene.binary()), "advise", "--yes", "--model", "m", profile.name], cwd=tmp_path,
                                   env={**without_keys(tmp_path), **service.environment}, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        assert process.stdout.readline() == "It is `sum`, naïvely.\n"
        assert process.poll() is None and not service.released.is_set()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 1
        process.stdout.close()


@pytest.mark.parametrize("name", [name for name, protocol in PROTOCOLS.items() if protocol.models])
def test_models_are_listed(advise, name):
    with FakeService(name) as service:
        done = advise("--models", "--provider", name, service=service)
    assert done.stdout == "large\nsmall\n" and service.complaints == [], done.stderr


def test_the_list_of_models_is_kept_for_a_day(advise, tmp_path):
    with FakeService("anthropic") as service:
        words = ("--models", "--provider", "anthropic")
        for _ in range(2):
            assert advise(*words, service=service).stdout == "large\nsmall\n"
        assert len(service.requests) == 1
        assert advise("--refresh-models", "--provider", "anthropic", service=service).stdout == "large\nsmall\n"
        assert len(service.requests) == 2
        (kept,) = (tmp_path / "cache" / "scalene").iterdir()
        assert os.stat(kept).st_mode & 0o777 == 0o600 and os.stat(kept.parent).st_mode & 0o777 == 0o700
        assert KEY not in kept.read_text() and service.host not in kept.name + kept.read_text()
        kept.write_text(kept.read_text().replace('"fetched": ', '"fetched": -'))  # too old
        assert advise(*words, service=service).returncode == 0 and len(service.requests) == 3
        kept.write_text("damaged")
        assert advise(*words, service=service).returncode == 0 and len(service.requests) == 4


@pytest.mark.parametrize("home", [None, "/proc/none", "/dev/null"])
def test_without_a_place_for_it_the_list_is_asked_for_each_time(tmp_path, profile, home):
    environment = {name: value for name, value in without_keys(tmp_path).items() if name not in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    with FakeService("anthropic") as service:
        for n in (1, 2):
            done = subprocess.run([str(scalene.binary()), "advise", "--models"], cwd=tmp_path, capture_output=True, text=True,
                                  env={**environment, **service.environment, **({"HOME": home} if home else {})})
            assert (done.returncode, done.stdout, done.stderr) == (0, "large\nsmall\n", "") and len(service.requests) == n


# ---- Nothing leaves unasked ----

def test_nothing_is_sent_without_consent(advise):
    with FakeService("anthropic", ANSWER) as service:
        done = advise(service=service, stdin="y\n")  # no terminal: nobody can have read the prompt
        assert done.returncode == 1 and "nothing was sent" in done.stderr and service.requests == []
        assert advise("--prompt", service=service).returncode == 0 and service.requests == []


def test_without_a_key_nothing_is_asked_and_the_way_out_is_said(advise):
    done = advise("--yes", "--model", "m")
    assert done.returncode == 1 and "--prompt" in done.stderr
    done = advise("--yes", "--model", "m", "--provider", "openai")
    assert done.returncode == 1 and "OpenAI needs a key: set OPENAI_API_KEY" in done.stderr


@pytest.mark.parametrize("address", ["http://example.com", "ftp://example.com", "https://user@example.com", "https://", "nonsense host"])
def test_a_key_goes_over_an_encrypted_connection_or_nowhere(advise, address):
    done = advise("--yes", "--model", "m", ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=address)
    assert done.returncode == 1 and "address of Anthropic" in done.stderr and KEY not in done.stderr


def test_the_key_is_in_no_argument_and_no_environment_of_what_we_start(tmp_path, profile):
    with FakeService("anthropic", silent=True) as service:
        process = subprocess.Popen([str(scalene.binary()), "advise", "--yes", "--model", "m", profile.name], cwd=tmp_path,
                                   env={**without_keys(tmp_path), **service.environment}, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 20
            while not service.requests and time.monotonic() < deadline:
                time.sleep(0.02)
            children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout.split()
            assert children
            for pid in children:
                for file in ("cmdline", "environ"):
                    with open("/proc/%s/%s" % (pid, file), "rb") as seen:
                        assert KEY.encode() not in seen.read()
        finally:
            process.kill()
            process.wait()


# ---- Keys in a file ----

def test_keys_come_from_a_private_file_only(tmp_path, advise):
    with FakeService("anthropic", ANSWER) as service:
        folder = tmp_path / "config" / "scalene"
        folder.mkdir(parents=True)
        file = folder / "credentials"
        file.write_text("# mine\n" + "".join('export %s="%s"\n' % item for item in service.environment.items()))
        file.chmod(0o644)
        done = advise("--yes", "--model", "m", XDG_CONFIG_HOME=str(tmp_path / "config"))
        assert done.returncode == 1 and "can be read by others and is not used" in done.stderr
        file.chmod(0o600)
        done = advise("--yes", "--model", "m", XDG_CONFIG_HOME=str(tmp_path / "config"))
        assert done.returncode == 0 and service.complaints == []


# ---- The region, the prompt, the file ----

def test_the_prompt_tells_what_was_measured(advise):
    prompt = advise("--prompt").stdout
    assert "Goal: make the region below faster." in prompt and "Region: app.py, lines 3 to 7" in prompt
    assert "94.0 % of the program's time: 90.0 Python, 4.0 native, 0 system and waiting." in prompt
    assert ">     6   94.0%          result += x\n" in prompt and "      1          import os\n" in prompt
    assert "import time" in prompt and "nan" not in prompt.lower()
    assert "less memory" in advise("--prompt", "--goal", "memory").stdout
    assert "line 6." in advise("--prompt", "--region", "line").stdout
    assert "A GPU may be used." in advise("--prompt", "--gpu").stdout
    assert "line 1.\n" in advise("--prompt", "--at", "app.py:1").stdout


@pytest.mark.parametrize("place, sentence", [("app.py", "FILE:LINE"), ("app.py:0", "FILE:LINE"), ("app.py:99", "no line 99"),
                                             ("pp.py:1", "no file 'pp.py'")])
def test_a_place_that_is_none_is_said(advise, place, sentence):
    done = advise("--prompt", "--at", place)
    assert done.returncode in (1, 2) and sentence in done.stderr


def test_a_proposal_is_applied_with_a_backup(advise, tmp_path):
    program = tmp_path / "app.py"
    program.chmod(0o750)
    (tmp_path / "app.py.bak").write_text("older copy")
    with FakeService("openai", ANSWER) as service:
        done = advise("--yes", "--apply", service=service)
    assert done.returncode == 0, done.stderr
    assert program.read_text() == CHANGED and os.stat(program).st_mode & 0o777 == 0o750
    assert (tmp_path / "app.py.bak").read_text() == "older copy" and (tmp_path / "app.py.bak2").read_text() == SOURCE
    assert "scalene run -o after.json app.py 'two words'\n" in done.stderr
    assert "scalene view profile.json after.json\n" in done.stderr
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith("app.py")) == ["app.py", "app.py.bak", "app.py.bak2"]


def test_a_file_that_was_changed_since_is_left_alone(advise, tmp_path):
    (tmp_path / "app.py").write_text(SOURCE + "# new\n")
    with FakeService("openai", ANSWER) as service:
        done = advise("--yes", "--apply", service=service)
    assert done.returncode == 1 and "is not what was profiled any more" in done.stderr
    assert (tmp_path / "app.py").read_text() == SOURCE + "# new\n" and not (tmp_path / "app.py.bak").exists()


def test_a_proposal_that_does_not_parse_is_not_applied(advise, tmp_path):
    with FakeService("openai", ANSWER.replace("return sum(xs)", "return sum(xs")) as service:
        done = advise("--yes", "--apply", service=service)
    assert done.returncode == 1 and "syntax error" in done.stderr
    assert (tmp_path / "app.py").read_text() == SOURCE and not (tmp_path / "app.py.bak").exists()


def test_the_users_tests_run_when_the_proposal_is_applied(advise, tmp_path):
    with FakeService("openai", ANSWER) as service:
        done = advise("--yes", "--apply", "--check-command", "cat app.py; exit 3", service=service)
    assert done.returncode == 1 and "cat app.py; exit 3 failed with status 3 (" in done.stderr and CHANGED in done.stderr
    backup = str(tmp_path / "app.py.bak")
    assert "to go back: mv %s %s" % (backup, tmp_path / "app.py") in done.stderr and (tmp_path / "app.py.bak").read_text() == SOURCE
    assert CHANGED not in done.stdout


def test_tests_that_pass_are_said_before_what_is_next(advise):
    with FakeService("openai", ANSWER) as service:
        done = advise("--yes", "--apply", "--check-command", "grep -q 'sum(xs)' app.py", service=service)
    assert done.returncode == 0 and 0 < done.stderr.index("grep -q 'sum(xs)' app.py passed (") < done.stderr.index("next: scalene run")


def test_tests_are_for_what_is_applied(advise):
    done = advise("--check-command", "true")
    assert done.returncode == 2 and "--check-command is for --apply" in done.stderr


def test_the_diff_alone_is_one_that_patch_takes(advise, tmp_path):
    with FakeService("gemini", ANSWER) as service:
        done = advise("--yes", "--patch", service=service)
    (tmp_path / "fix.patch").write_text(done.stdout)
    subprocess.run(["git", "apply", "fix.patch"], cwd=tmp_path, check=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    assert (tmp_path / "app.py").read_text() == CHANGED
