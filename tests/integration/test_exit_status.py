"""The status of `scalene run` is the program's own, by whatever road it ends."""

import resource
import signal

import pytest

ROADS = {
    "end of the program": "print('done')",
    "sys.exit without a status": "import sys; sys.exit()",
    "sys.exit None": "import sys; sys.exit(None)",
    "sys.exit with a number": "import sys; sys.exit(7)",
    "sys.exit with a number above 255": "import sys; sys.exit(256 + 3)",
    "sys.exit with a negative number": "import sys; sys.exit(-1)",
    "sys.exit with a text": "import sys; sys.exit('the disk is on fire')",
    "sys.exit with a huge number": "import sys; sys.exit(1 << 80)",
    "sys.exit with an object": "import sys; sys.exit([1, 2])",
    "sys.exit True": "import sys; sys.exit(True)",
    "status 2, which is ours for usage errors": "raise SystemExit(2)",
    "status 125, which is ours for failures": "raise SystemExit(125)",
    "status 255": "raise SystemExit(255)",
    "os._exit": "import os; print('gone', flush=True); os._exit(9)",
    "os._exit 0": "import os; os._exit(0)",
    "uncaught exception": "def f():\n    raise ValueError('no')\nf()",
    "uncaught exception with notes and a cause": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('x') from e",
    "BaseException": "class Stop(BaseException): pass\nraise Stop('at once')",
    "CancelledError": "import asyncio; raise asyncio.CancelledError('enough')",
    "GeneratorExit": "raise GeneratorExit",
    "KeyboardInterrupt raised by the program": "raise KeyboardInterrupt",
    "exception in a thread": "import threading\ndef f(): raise RuntimeError('in a thread')\n"
                             "threading.excepthook = lambda args: print(args.exc_type.__name__)\n"
                             "t = threading.Thread(target=f); t.start(); t.join()",
    "sys.exit in a thread": "import sys, threading\nt = threading.Thread(target=sys.exit, args=(5,)); t.start(); t.join()",
    "os._exit in a thread": "import os, threading, time\nthreading.Thread(target=os._exit, args=(6,)).start()\ntime.sleep(60)",
    "sys.exit with a thread that still runs": "import sys, threading, time\n"
                                              "threading.Thread(target=lambda: (time.sleep(.1), print('late'))).start()\n"
                                              "sys.exit(4)",
    "daemon thread that never ends": "import threading, time\n"
                                     "threading.Thread(target=time.sleep, args=(999,), daemon=True).start()\nraise SystemExit(3)",
    "exception at exit": "import atexit\natexit.register(lambda: 1 / 0)",
    "os._exit at exit": "import atexit, os\natexit.register(os._exit, 8)",
    "excepthook that exits": "import sys, os\nsys.excepthook = lambda *a: os._exit(33)\nraise ValueError",
    "syntax error": "def broken(:\n    pass",
    "bad source encoding": b"# coding: klingon\nprint(1)\n",
    "null byte in the source": b"print(1)\0\n",
    "endless recursion": "def f(): return f()\ntry:\n    f()\nexcept RecursionError:\n    raise SystemExit(11)",
    "exec of another program": "import os; os.execvp('sh', ['sh', '-c', 'echo replaced; exit 21'])",
    "exec of Python": "import os, sys; os.execv(sys.executable, [sys.executable, '-c', 'print(1); raise SystemExit(22)'])",
    "empty file": "",
    "stdout closed by the program": "import sys; sys.stdout.close(); sys.exit(12)",
    "stderr closed by the program": "import os; os.close(2); raise SystemExit(13)",
}


@pytest.mark.parametrize("road", ROADS)
def test_status_output_and_traceback_are_as_bare(twin, road):
    # Rows 17 and 20.
    twin.write("prog.py", ROADS[road])
    twin.compare("prog.py")


FATAL = [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1,
         signal.SIGUSR2, signal.SIGALRM, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGVTALRM, signal.SIGPROF,
         signal.SIGXCPU, signal.SIGSYS, signal.SIGTRAP, signal.SIGRTMIN, signal.SIGRTMAX]


@pytest.mark.own_interpreter
@pytest.mark.parametrize("number", FATAL, ids=lambda number: signal.Signals(number).name)
def test_parent_sees_the_death_by_a_signal(twin, number):
    # Rows 11, 17 and 20.
    twin.write("prog.py", f"""
        import os, time
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        os.kill(os.getpid(), {int(number)})
        time.sleep(10)
        """)
    profiled = twin.compare("prog.py")
    assert profiled.status == -number
    assert profiled.document["ext"]["exit"] == {"signal": int(number)}


@pytest.mark.own_interpreter
def test_no_core_file_of_scalene_is_left(twin):
    twin.write("prog.py", "import os; os.abort()")

    def allow_cores():
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    profiled = twin.profiled("prog.py", preexec_fn=allow_cores)
    assert profiled.status == -signal.SIGABRT
    cores = [path for path in twin.directory.iterdir() if path.name.startswith("core")]
    assert all(b"libpython" in core.read_bytes() or b"python" in core.read_bytes()[:4096] for core in cores), cores
    assert len(cores) <= 1  # the program's own, where this machine writes one


@pytest.mark.own_interpreter
def test_every_real_time_signal_kills_as_by_default(twin):
    twin.write("prog.py", """
        import os, signal
        for number in range(signal.SIGRTMIN, signal.SIGRTMAX + 1):
            child = os.fork()
            if child == 0:
                sum(range(100000))
                os.kill(os.getpid(), number)
                os._exit(0)
            print(number, os.waitpid(child, 0)[1])
        """)
    twin.compare("prog.py")


@pytest.mark.short
def test_a_real_fault_kills_once(twin):
    # Row 11: SIGBUS and SIGILL used to loop for ever, SIGSEGV kept no profile.
    twin.write("prog.py", """
        import ctypes, mmap, os, sys, tempfile
        print("before", flush=True)
        if sys.argv[1] == "segv":
            ctypes.string_at(8)
        if sys.argv[1] == "bus":
            with tempfile.TemporaryFile() as file:
                file.truncate(1)
                view = mmap.mmap(file.fileno(), 1)
                file.truncate(0)
                view[0]
        if sys.argv[1] == "ill":
            code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
            code.write(bytes.fromhex("0f0b0f0b") if os.uname().machine == "x86_64" else bytes(4))
            ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
        """)
    for fault, number in (("segv", signal.SIGSEGV), ("bus", signal.SIGBUS), ("ill", signal.SIGILL)):
        profiled = twin.compare("prog.py", fault)
        assert profiled.status == -number
        assert profiled.document["ext"]["exit"] == {"signal": int(number)}


@pytest.mark.own_interpreter
def test_out_of_memory_is_an_exception_as_bare(twin):
    twin.write("prog.py", """
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        try:
            bytearray(2 << 30)
        except MemoryError:
            print("no memory")
        data = []
        while True:
            data.append(bytearray(64 << 20))
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
class TestNeverStarted:
    def test_without_a_program_is_a_usage_error(self, twin):
        outcome = twin.scalene("run")
        assert outcome.status == 2
        assert "Scalene: no input file specified." in outcome.errors
        assert outcome.stdout == b""

    @pytest.mark.parametrize("words", [["--no-such-option", "prog.py"], ["--cpu-sampling-rate", "fast", "prog.py"],
                                       ["--cpu-sampling-rate", "0", "prog.py"], ["--cpu-sampling-rate", "61", "prog.py"],
                                       ["--allocation-sampling-window", "0", "prog.py"],
                                       ["--profile-interval", "0", "prog.py"], ["--cpu-percent-threshold", "-1", "prog.py"],
                                       ["--program-path", "/no/such/directory", "prog.py"], ["--on", "--off", "prog.py"],
                                       ["-c", "/no/such/config.yaml", "prog.py"], ["-o", "/tmp", "prog.py"],
                                       ["--color", "purple", "prog.py"]],
                             ids=" ".join)
    def test_bad_command_line_is_2_and_nothing_runs(self, twin, words):
        # Row 52 among them: a window that is 0 or not a number.
        twin.write("prog.py", "open('ran', 'w')")
        outcome = twin.scalene("run", *words)
        assert outcome.status == 2, outcome.errors
        assert outcome.stdout == b"" and outcome.stderr.count(b"\n") <= 3
        assert not (twin.directory / "ran").exists()

    def test_program_not_found_is_127(self, twin):
        outcome = twin.scalene("run", "missing.py")
        assert outcome.status == 127
        assert f"Scalene: could not find input file {twin.directory}/missing.py" in outcome.errors

    def test_nearest_file_is_suggested(self, twin):
        twin.write("server.py", "")
        assert "server.py" in twin.scalene("run", "sevrer.py").errors

    def test_interpreter_not_found_is_127(self, twin):
        twin.write("prog.py", "")
        assert twin.scalene("run", "--python", "/no/such/python", "prog.py").status == 127

    def test_interpreter_not_executable_is_126(self, twin):
        twin.write("prog.py", "")
        twin.write("python3", "not a program").chmod(0o644)
        assert twin.scalene("run", "--python", "./python3", "prog.py").status == 126

    def test_directory_without_main_is_126(self, twin):
        (twin.directory / "empty").mkdir()
        outcome = twin.scalene("run", "--python", twin.python, "empty")
        assert outcome.status == 126
        assert "is a directory without __main__.py" in outcome.errors

    def test_working_directory_gone_is_127(self, twin):
        gone = twin.directory / "gone"
        gone.mkdir()
        script = 'rmdir "$PWD" && exec "$@"'
        outcome = twin.run(["sh", "-c", script, "sh", str(twin.binary), "run", "--python", twin.python, "prog.py"], cwd=gone)
        assert outcome[0] == 127, outcome

    def test_unwritable_output_is_125_before_the_program_starts(self, twin):
        # Row 19.
        twin.write("prog.py", "open('ran', 'w')")
        for output in ("no/such/directory/out.json", "/proc/self/out.json", "prog.py/out.json"):
            outcome = twin.scalene("run", "--python", twin.python, "-o", output, "prog.py")
            assert outcome.status == 125, (output, outcome)
            assert "Scalene: cannot write" in outcome.errors
            assert not (twin.directory / "ran").exists()

    def test_no_clobber_refuses_to_overwrite(self, twin):
        twin.write("prog.py", "open('ran', 'w')")
        twin.write("out.json", "precious")
        outcome = twin.scalene("run", "--python", twin.python, "--no-clobber", "-o", "out.json", "prog.py")
        assert outcome.status in (2, 125)
        assert (twin.directory / "out.json").read_text() == "precious"
        assert not (twin.directory / "ran").exists()

    def test_something_else_than_cpython_is_125(self, twin):
        twin.write("prog.py", "print('ran')")
        pypy = twin.write("pypy3", b"\x7fELF" + bytes(60) + b"PyPy")
        pypy.chmod(0o755)
        assert twin.scalene("run", "--python", pypy, "prog.py").status == 125


@pytest.mark.own_interpreter
def test_a_profile_that_cannot_be_written_at_the_end_goes_to_the_temporary_directory(twin):
    twin.write("prog.py", """
        import os, shutil
        print("working", flush=True)
        shutil.rmtree("out")
        raise SystemExit(5)
        """)
    (twin.directory / "out").mkdir()
    (twin.directory / "tmp").mkdir()
    outcome = twin.scalene("run", "--python", twin.python, "-o", "out/profile.json", "prog.py",
                           env={"TMPDIR": str(twin.directory / "tmp")})
    assert (outcome.status, outcome.stdout) == (5, b"working\n")
    saved = list((twin.directory / "tmp").iterdir())
    assert len(saved) == 1 and str(saved[0]) in outcome.errors, (saved, outcome.errors)


@pytest.mark.own_interpreter
def test_a_full_device_is_reported_and_the_status_is_the_programs(twin):
    twin.write("prog.py", "raise SystemExit(6)")
    (twin.directory / "tmp").mkdir()
    outcome = twin.scalene("run", "--python", twin.python, "-o", "/dev/full", "prog.py",
                           env={"TMPDIR": str(twin.directory / "tmp")})
    assert outcome.status in (6, 125)
    assert "/dev/full" in outcome.errors
