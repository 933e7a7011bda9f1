"""Every way to name a program runs it as bare Python would: same sys.argv, sys.path, package, stdin and names."""

import os
import shutil
import subprocess
import zipfile

import pytest

from support.profile_check import check_profile
from support.twin import Outcome, Profiled, assert_same, rows_of

pytestmark = pytest.mark.own_interpreter

SHOW = """
import os, sys
print(sys.argv, sys.path[:2], __name__, __package__, getattr(__spec__, "name", None), sep="\\n")
print(os.getcwd(), globals().get("__file__"))
if not sys.stdin.isatty(): print(sys.stdin.read())
"""


def run(twin, *words, **how):
    """`scalene run` with exactly these words behind our own."""
    profile = twin.new_profile_path()
    return Profiled(*twin.run([str(twin.binary), "run", "-o", str(profile), *words], **how), path=profile)


def same(twin, bare_words, scalene_words, **how):
    profiled = run(twin, *scalene_words, **how)
    assert_same(twin.bare(*bare_words, **how), profiled)
    return profiled


# Without a `---`, which would give `scalene` the words between it and the program that are exactly its own.
WORDS = ["-o", "x", "-c", "y", "--mem", "-overbose", "--help", "--memory", "--", "-m", "", "a b", "--cpu-only", "\u00e4", "*", "-h"]


class TestForms:
    def test_a_file(self, twin):
        twin.write("prog.py", SHOW)
        document = same(twin, ["prog.py", "a"], ["--python", twin.python, "prog.py", "a"]).document
        assert document["program"] == str(twin.directory / "prog.py")
        assert document["entrypoint_dir"] == str(twin.directory)
        assert document["args"] == ["prog.py", "a"]

    def test_a_file_by_absolute_and_by_long_relative_path(self, twin):
        twin.write("sub/prog.py", SHOW)
        twin.write("other/x", "")
        for path in (str(twin.directory / "sub/prog.py"), "./sub/../sub//prog.py", "sub/prog.py"):
            same(twin, [path], ["--python", twin.python, path])

    def test_a_file_through_a_symbolic_link(self, twin):
        twin.write("real/prog.py", SHOW + "import helper\n")
        twin.write("real/helper.py", "print('helper')")
        (twin.directory / "link.py").symlink_to("real/prog.py")
        same(twin, ["link.py"], ["--python", twin.python, "link.py"])

    def test_a_module(self, twin):
        twin.write("package/__init__.py", "print('package')")
        twin.write("package/tool.py", "from . import helper\n" + SHOW)
        twin.write("package/helper.py", "")
        document = same(twin, ["-m", "package.tool", *WORDS], ["--python", twin.python, "-m", "package.tool", *WORDS]).document
        assert document["args"] == ["-m", "package.tool", *WORDS]
        assert document["filename"] == str(twin.directory)
        assert document["entrypoint_dir"] == ""

    def test_a_package_with_a_main_module(self, twin):
        twin.write("package/__init__.py", "")
        twin.write("package/__main__.py", SHOW)
        same(twin, ["-m", "package"], ["--python", twin.python, "-m", "package"])

    def test_an_unknown_module_is_the_interpreters_message(self, twin):
        same(twin, ["-m", "no.such.module"], ["--python", twin.python, "-m", "no.such.module"])

    def test_a_string(self, twin):
        code = SHOW + "print(sum(range(3000000)))"
        document = same(twin, ["-c", code, *WORDS], ["--python", twin.python, "---", "-c", code, *WORDS]).document
        assert document["args"] == ["-c", code, *WORDS]
        assert document["program"] == "-c"

    def test_standard_input(self, twin):
        code = b"import sys; print(sys.argv, sys.path[:1]); print(__name__)\n"
        document = same(twin, ["-", "a"], ["--python", twin.python, "-", "a"], input=code).document
        assert document["program"] == "-"

    def test_a_directory_with_a_main_module(self, twin):
        twin.write("app/__main__.py", SHOW + "import beside\n")
        twin.write("app/beside.py", "print('beside')")
        for name in ("app", "app/", "./app"):
            same(twin, [name, "x"], ["--python", twin.python, name, "x"])

    def test_a_zip_application(self, twin):
        with zipfile.ZipFile(twin.directory / "app.pyz", "w") as archive:
            archive.writestr("__main__.py", SHOW + "import inside\n")
            archive.writestr("inside.py", "print('inside', __file__)\nsum(range(1000000))\n")
        same(twin, ["app.pyz", "x"], ["--python", twin.python, "app.pyz", "x"])

    def test_a_zip_application_with_a_shebang_and_no_suffix(self, twin):
        with zipfile.ZipFile(twin.directory / "zipped", "w") as archive:
            archive.writestr("__main__.py", SHOW)
        path = twin.directory / "zipped"
        path.write_bytes(f"#!{twin.python}\n".encode() + path.read_bytes())
        path.chmod(0o755)
        same(twin, ["./zipped", "x"], ["./zipped", "x"])

    def test_a_compiled_file(self, twin):
        twin.write("prog.py", SHOW)
        twin.bare("-c", "import py_compile; py_compile.compile('prog.py', 'prog.pyc')")
        same(twin, ["prog.pyc", "x"], ["--python", twin.python, "prog.pyc", "x"])

    def test_an_executable_script_without_suffix(self, twin):
        twin.write("bin/tool", f"#!{twin.python} -E\n" + SHOW + "print(sys.flags.ignore_environment)\n").chmod(0o755)
        bare = Outcome(*twin.run(["./bin/tool", "x"]))
        assert_same(bare, run(twin, "./bin/tool", "x"))

    def test_a_tool_that_is_searched_on_path(self, twin):
        twin.write("bin/my-tool", f"#!/usr/bin/env {os.path.basename(twin.python)}\n" + SHOW).chmod(0o755)
        environment = {"PATH": f"{twin.directory}/bin:{os.path.dirname(twin.python)}:{os.environ['PATH']}"}
        bare = Outcome(*twin.run(["my-tool", "x"], env=environment))
        assert bare.status == 0
        assert_same(bare, run(twin, "my-tool", "x", env=environment))

    def test_an_interpreter_with_its_options(self, twin):
        twin.write("prog.py", SHOW + "print(sys.flags, sys.warnoptions, sys._xoptions)\n")
        options = ["-X", "dev", "-W", "error", "-O", "-u", "-I"]
        same(twin, [*options, "prog.py", "x"], [twin.python, *options, "prog.py", "x"])
        same(twin, ["-X", "dev", "-m", "prog", "x"], [twin.python, "-X", "dev", "-m", "prog", "x"])
        same(twin, ["-Xdev", "-Wignore", "-c", "import sys; print(sys.argv)", "-x"],
             ["---", twin.python, "-Xdev", "-Wignore", "-c", "import sys; print(sys.argv)", "-x"])

    def test_an_interpreter_by_its_bare_name(self, twin):
        twin.write("prog.py", SHOW)
        name = os.path.basename(twin.python)
        environment = {"PATH": f"{os.path.dirname(twin.python)}:/usr/bin:/bin"}
        bare = Outcome(*twin.run([name, "prog.py"], env=environment))
        assert_same(bare, run(twin, name, "prog.py", env=environment))

    def test_an_interpreter_that_is_a_script(self, twin):
        # As pyenv's shims: the first image with an interpreter in it is the root.
        twin.write("shims/python3", f'#!/bin/sh\nset -e\nprogram="${{0##*/}}"\nexport SHIM="$program"\nexec "{twin.python}" "$@"\n').chmod(0o755)
        twin.write("prog.py", SHOW + "print(os.environ['SHIM'], sys.executable)\nsum(range(10000000))\n")
        shim = str(twin.directory / "shims/python3")
        bare = Outcome(*twin.run([shim, "prog.py", "x"]))
        profiled = run(twin, "--python", shim, "prog.py", "x")
        assert_same(bare, profiled)
        document = profiled.document
        assert document["ext"]["python"]["version"].startswith("3.")
        assert sum(row["how"] == "root" for row in document["ext"]["processes"]) == 1
        assert rows_of(document, "prog.py")["percent_cpu_time"] > 50

    def test_a_virtual_environment(self, twin):
        twin.bare("-m", "venv", "--without-pip", "env", timeout=60)
        python = str(twin.directory / "env/bin/python")
        if not os.path.exists(python):
            pytest.skip("this interpreter makes no virtual environments")
        twin.write("prog.py", SHOW + "print(sys.prefix, sys.base_prefix)\nsum(range(5000000))\n")
        bare = Outcome(*twin.run([python, "prog.py"]))
        by_option = run(twin, "--python", python, "prog.py")
        by_environment = run(twin, "prog.py", env={"VIRTUAL_ENV": str(twin.directory / "env")})
        assert_same(bare, by_option)
        assert_same(bare, by_environment)
        assert rows_of(by_option.document, "prog.py")

    def test_the_short_form_without_run(self, twin):
        twin.write("prog.py", SHOW)
        assert_same(twin.bare("prog.py", "x"),
                    Outcome(*twin.run([str(twin.binary), "--python", twin.python, "-o", "a.json", "prog.py", "x"])))
        assert_same(twin.bare("-m", "prog", "x"),
                    Outcome(*twin.run([str(twin.binary), "--python", twin.python, "-o", "b.json", "-m", "prog", "x"])))


class TestArguments:
    def test_without_three_dashes_options_behind_the_program_stay_there_and_are_mentioned(self, twin):
        # Row 25.
        twin.write("prog.py", "import json, sys; print(json.dumps(sys.argv[1:]))")
        words = ["-o", "x", "-c", "y", "--mem", "-overbose", "--help", "--memory"]
        outcome = run(twin, "--python", twin.python, "prog.py", *words)
        assert outcome.stdout == b'["-o", "x", "-c", "y", "--mem", "-overbose", "--help", "--memory"]\n'
        assert outcome.stderr.startswith(b"Scalene: -o ")
        assert not (twin.directory / "x").exists() and not (twin.directory / "x.json").exists()

    def test_with_three_dashes_in_front_everything_is_the_programs(self, twin):
        twin.write("prog.py", "import json, sys; print(json.dumps(sys.argv[1:]))")
        for dashes in ("---", "--"):
            outcome = run(twin, "--python", twin.python, dashes, "prog.py", "--cpu-only", "---", "-o", "x", "---")
            assert outcome.stdout == b'["--cpu-only", "---", "-o", "x", "---"]\n'

    def test_three_dashes_behind_the_program_take_our_words_out(self, twin):
        twin.write("prog.py", "import json, sys; print(json.dumps(sys.argv[1:]))")
        outcome = run(twin, "--python", twin.python, "prog.py", "--cpu-only", "mine", "---", "--arg", "---")
        assert outcome.stdout == b'["mine", "--arg", "---"]\n'
        assert outcome.document["ext"]["options"]["cpu-only"][1] == "command line"

    def test_huge_command_lines_reach_the_program(self, twin):
        twin.write("prog.py", "import sys; print(len(sys.argv), sum(map(len, sys.argv)), sys.argv[-1])")
        twin.compare("prog.py", *["x" * 1000] * 1500, "last")

    def test_bytes_that_are_no_text_reach_the_program(self, twin):
        twin.write("prog.py", "import os, sys; print([os.fsencode(word) for word in sys.argv[1:]])")
        words = [b"\xff\xfe", b"caf\xc3\xa9", b"\n\t", b"'\"$x`", "\udcff".encode("utf-8", "surrogateescape")]
        twin.compare("prog.py", *map(os.fsdecode, words))

    @pytest.mark.parametrize("directory", ["a b", "a:b", "a,b", "caf\u00e9 \u4e2d", os.fsdecode(b"bytes\xff\xfe"), "quote'\"s", "%d$HOME*?",
                                           "new\nline", "-dash", "test", "site-packages.d"])
    def test_directories_with_odd_names(self, twin, directory):
        # Row 18 and ruling 34.
        place = twin.directory / directory
        twin.write(f"{directory}/prog.py", "import helper\nprint(__file__.encode('utf-8', 'surrogateescape'))\n"
                   "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end:\n    helper.work()\n    for _ in range(1000): pass\n")
        twin.write(f"{directory}/helper.py", "def work():\n    sum(range(1000))\n")
        profiled = twin.compare("prog.py", cwd=place)
        document = profiled.document
        assert len([key for key in document["files"] if key.endswith(("/prog.py", "/helper.py"))]) == 2, list(document["files"])
        twin.compare(str(place / "prog.py"))

    def test_a_binary_in_a_directory_with_blanks_still_preloads(self, twin):
        # Ruling 34: the loader splits LD_PRELOAD at blanks and colons.
        place = twin.directory / "my build:release x"
        shutil.copytree(twin.binary.parent.parent / "lib", place / "lib", ignore=shutil.ignore_patterns("*.a"))
        (place / "bin").mkdir()
        shutil.copy2(twin.binary, place / "bin" / "scalene")
        moved = type(twin)(place / "bin" / "scalene", twin.python, twin.directory)
        twin.write("prog.py", "import subprocess, sys, os\nprint(subprocess.run(['sh', '-c', 'echo sub'], stdout=-1, stderr=-1))\n"
                   "if os.fork() == 0: os._exit(0)\nos.wait()\nsum(range(10000000))\n")
        runtime = twin.directory / "run"
        runtime.mkdir(mode=0o700)
        profiled = moved.compare("prog.py", env={"XDG_RUNTIME_DIR": str(runtime)})
        assert rows_of(profiled.document, "prog.py")["percent_cpu_time"] > 50
        assert os.listdir(runtime) == []


class TestStreams:
    def test_output_of_every_kind_is_byte_for_byte(self, twin):
        twin.write("prog.py", """
            import os, subprocess, sys
            print("text", end="")
            sys.stdout.flush()
            os.write(1, bytes(range(256)) * 1000)
            sys.stderr.write("error without newline")
            sys.stderr.flush()
            os.write(2, b"\\xff\\x00 more\\n")
            subprocess.run(["sh", "-c", "echo child; echo child-error >&2"])
            print("last")
            """)
        twin.compare("prog.py")

    def test_interleaving_on_one_pipe_is_kept(self, twin):
        twin.write("prog.py", """
            import sys
            for index in range(200):
                print(index, file=(sys.stdout, sys.stderr)[index % 2], flush=True)
            """)
        bare = twin.bare("prog.py", stderr=subprocess.STDOUT)
        profiled = twin.profiled("prog.py", stderr=subprocess.STDOUT, options=["--quiet"])
        assert profiled.stdout.startswith(bare.stdout)

    def test_stdin_passes_through(self, twin):
        twin.write("prog.py", """
            import hashlib, sys
            print(repr(sys.stdin.readline()))
            print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())
            """)
        twin.compare("prog.py", input=b"first line\n" + bytes(range(256)) * 20000)

    def test_a_program_that_reads_half_its_input_leaves_the_rest_to_the_next(self, twin):
        twin.write("prog.py", "import os; print(os.read(0, 6))")
        data = twin.write("data", "first\nsecond\n")
        profile = twin.new_profile_path()
        script = 'exec <data; "$@"; cat'
        outcome = twin.run(["sh", "-c", script, "sh", *twin.command("prog.py", profile=profile, options=["--quiet"])])
        assert data.exists() and outcome[1] == b"b'first\\n'\nsecond\n"

    def test_a_closed_pipe_kills_as_bare(self, twin):
        twin.write("prog.py", "import sys\nfor i in range(10 ** 7): print(i)\n")
        outcomes = []
        for command in ([twin.python, "prog.py"], twin.command("prog.py", profile=twin.new_profile_path())):
            script = '("$@"; echo $? >status) | head -n 1'
            outcomes.append((twin.run(["sh", "-c", script, "sh", *command])[1], (twin.directory / "status").read_text()))
        assert outcomes[0] == outcomes[1]

    def test_a_message_that_nobody_reads_changes_nothing(self, twin):
        twin.write("prog.py", "raise SystemExit(3)")
        reader, writer = os.pipe()
        os.close(reader)
        profiled = twin.profiled("prog.py", stderr=writer)
        os.close(writer)
        assert profiled.status == 3 and profiled.document

    def test_the_output_is_a_file_a_terminal_or_nothing_as_bare(self, twin):
        twin.write("prog.py", "import os, sys; print(os.fstat(1).st_mode, os.fstat(0).st_mode, sys.stdout.line_buffering)")
        for how in ({"stdout": open(twin.directory / "out", "wb")}, {"stdin": open(twin.directory / "prog.py", "rb")}):
            twin.compare("prog.py", **how)

    def test_a_profile_written_to_stdout_follows_the_programs_output(self, twin):
        twin.write("prog.py", "print('first')")
        outcome = twin.scalene("run", "--python", twin.python, "-o", "-", "prog.py")
        assert outcome.stdout.startswith(b"first\n{")
        check_profile(outcome.stdout[len(b"first\n"):])

    def test_a_program_with_nobody_to_talk_to(self, twin):
        twin.write("prog.py", "import os; os.write(os.open('done', os.O_CREAT | os.O_WRONLY), b'x'); print('unheard')")

        def close():
            os.closerange(0, 3)

        profiled = twin.profiled("prog.py", preexec_fn=close)
        assert (twin.directory / "done").exists() and profiled.document
