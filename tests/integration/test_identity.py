"""What a program can see of itself is what bare Python shows it, but for the few things that are announced."""

import json
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"
ANNOUNCED = {"LD_PRELOAD", "SCALENE_COLLECTOR"}


def facts(outcome):
    assert outcome.status == 0, outcome.errors
    return json.loads(outcome.stdout)


def differences(bare, profiled, where=""):
    """Every place where two JSON values differ, as sentences."""
    if isinstance(bare, dict) and isinstance(profiled, dict):
        found = []
        for key in sorted(set(bare) | set(profiled)):
            found += differences(bare.get(key, "<absent>"), profiled.get(key, "<absent>"), f"{where}/{key}")
        return found
    return [] if bare == profiled else [f"{where}: {profiled!r}, bare {bare!r}"]


def without_announced(found):
    for name in ANNOUNCED:
        found["environment"].pop(name, None)
    found["environment of C"] = [entry for entry in found["environment of C"] if entry.split("=")[0] not in ANNOUNCED]
    found["builtins"].pop("profile", None)
    found["functions"].pop("builtins.profile", None)
    return found


@pytest.mark.short
def test_a_program_finds_everything_as_bare(twin):
    # Rows 9, 10, 33 and 43: nothing is patched, imported, opened, set or switched.
    assert_finds_everything(twin)


@pytest.mark.parametrize("words", [["-X", "dev"], ["-I", "-S", "-O"], ["-W", "error::ResourceWarning"], ["-u", "-B", "-X", "utf8=1"]],
                         ids=" ".join)
def test_options_of_the_interpreter_change_nothing_in_that(twin, words):
    assert_finds_everything(twin, *words)


def assert_finds_everything(twin, *words):
    twin.write("prog.py", (PROGRAMS / "identity.py").read_text())
    bare = facts(twin.bare(*words, "prog.py", "-a", "b c", ""))
    outcome = twin.profiled(*words, "prog.py", "-a", "b c", "")
    profiled = facts(outcome)
    assert set(profiled["environment"]) - set(bare["environment"]) == ANNOUNCED
    assert "profile" in profiled["builtins"]
    assert differences(without_announced(bare), without_announced(profiled)) == []
    assert outcome.document["args"] == ["prog.py", "-a", "b c", ""]


@pytest.mark.own_interpreter
@pytest.mark.parametrize("words", [["-m", "prog", "x"], ["-c", "import runpy; runpy.run_path('prog.py', run_name='__main__')"]],
                         ids=["module", "code"])
def test_a_module_and_a_string_find_everything_as_bare(twin, words):
    twin.write("prog.py", (PROGRAMS / "identity.py").read_text())
    bare, profiled = facts(twin.bare(*words)), facts(twin.profiled(*words))
    assert differences(without_announced(bare), without_announced(profiled)) == []


def test_the_environment_only_gains_the_announced_variables(twin, interpreter):
    twin.write("prog.py", "import json, os; print(json.dumps(dict(os.environ)))")
    allocator = "default" if interpreter.free_threaded else "malloc"  # one without a GIL knows no other
    given = {"LD_PRELOAD": None, "SCALENE_PYTHON": sys.executable, "SCALENE_CPU_ONLY": "1", "LC_ALL": "C", "PYTHONPATH": "/x",
             "PYTHONMALLOC": allocator, "EMPTY": "", "PYTHON_GIL": None}
    bare, profiled = facts(twin.bare("prog.py", env=given)), facts(twin.profiled("prog.py", env=given))
    bare.pop("SCALENE_PYTHON")  # meant for scalene, and removed by it (ruling 35)
    assert set(profiled) - set(bare) == ANNOUNCED
    assert {name: value for name, value in profiled.items() if name not in ANNOUNCED} == bare
    assert profiled["LD_PRELOAD"].endswith(".so") and ":" not in profiled["LD_PRELOAD"]


@pytest.mark.own_interpreter
def test_a_users_own_preload_stays_behind_ours_and_in_charge(twin, shared_library):
    # Row 15.
    library = shared_library("""
        #include <stdlib.h>
        #include <unistd.h>
        static volatile int calls;
        int users_calls(void) { return calls; }
        extern void *__libc_malloc(size_t);
        void *malloc(size_t size) { calls++; return __libc_malloc(size); }
        """, "users_malloc")
    twin.write("prog.py", """
        import ctypes, os
        print(os.environ["LD_PRELOAD"].split(":")[-1])
        users = ctypes.CDLL(None)
        print(users.users_calls() > 0)
        address = ctypes.cast(users.malloc, ctypes.c_void_p).value
        print([line.split()[-1] for line in open("/proc/self/maps")
               if int(line.split("-")[0], 16) <= address < int(line.split("-")[1].split()[0], 16)])
        """)
    for separator in ("", ":", " "):
        profiled = twin.compare("prog.py", env={"LD_PRELOAD": f"{library}{separator}"})
        assert profiled.stdout.split(b"\n")[1] == b"True"


@pytest.mark.own_interpreter
def test_every_open_descriptor_is_handed_on(twin):
    twin.write("prog.py", """
        import os
        for number in (3, 7, 200):
            print(number, os.fstat(number).st_size, os.get_inheritable(number))
        print(sorted(int(n) for n in os.listdir("/proc/self/fd"))[:-1] )
        print(os.dup(0))
        """)
    data = twin.write("data", "12345")

    def open_three():
        import os
        source = os.open(data, os.O_RDONLY)
        for number in (200, 7, 3):
            os.dup2(source, number, inheritable=True)
        os.closerange(4, 7)
        os.closerange(8, 200)

    twin.compare("prog.py", preexec_fn=open_three, close_fds=False)


@pytest.mark.own_interpreter
@pytest.mark.parametrize("closed", [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]], ids=str)
def test_closed_standard_streams_stay_closed(twin, closed):
    twin.write("prog.py", """
        import os, sys
        def target(number):
            try:
                return os.readlink(f"/proc/self/fd/{number}").split(":")[0]
            except OSError as error:
                return error.strerror
        found = [target(number) for number in range(6)]
        with open("found-" + sys.argv[1], "w") as file:
            file.write(f"{found} {sys.stdin is None} {sys.stdout is None} {sys.stderr is None}")
        raise SystemExit(7)
        """)

    def close():
        import os
        for number in closed:
            os.close(number)

    bare = twin.bare("prog.py", "x", preexec_fn=close)
    text = (twin.directory / "found-x").read_text()
    profiled = twin.profiled("prog.py", "x", preexec_fn=close)
    assert (profiled.status, profiled.stdout) == (bare.status, bare.stdout) == (7, b"")
    assert (twin.directory / "found-x").read_text() == text
    assert profiled.document


@pytest.mark.own_interpreter
def test_limits_of_the_user_are_not_touched(twin):
    twin.write("prog.py", "import resource; print([resource.getrlimit(n) for n in range(16)])")
    import resource

    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 4096))
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))

    twin.compare("prog.py", preexec_fn=few)


def test_the_parent_is_scalene_and_the_group_its_own(twin):
    twin.write("prog.py", """
        import os, sys
        print(os.getppid(), os.getpgrp(), os.getsid(0), os.getpid())
        """)
    process = twin.start(twin.command("prog.py", profile=twin.new_profile_path()))
    stdout, _ = process.communicate(timeout=30)
    parent, group, session, pid = map(int, stdout.split())
    assert parent == group == session == process.pid != pid


def test_no_thread_is_added_and_fork_warns_no_more_than_bare(twin):
    twin.write("prog.py", """
        import os, threading, time, warnings
        warnings.simplefilter("always")
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
        print(len(os.listdir("/proc/self/task")), threading.active_count())
        child = os.fork()
        if child == 0:
            print(len(os.listdir("/proc/self/task")), flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        thread = threading.Thread(target=time.sleep, args=(0.2,))
        thread.start()
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        thread.join()
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_a_profile_function_of_the_program_wins(twin):
    twin.write("prog.py", """
        import builtins
        def profile(function):
            return lambda: "mine"
        @profile
        def work():
            return "wrapped"
        print(work())
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_tracing_tools_of_the_program_work(twin):
    twin.write("prog.py", """
        import sys, threading
        events = []
        def trace(frame, event, argument):
            events.append((event, frame.f_lineno))
            return trace
        def work(n):
            total = 0
            for i in range(n):
                total += i
            return total
        sys.settrace(trace)
        work(3)
        sys.settrace(None)
        counts = []
        sys.setprofile(lambda frame, event, argument: counts.append(event))
        work(2)
        sys.setprofile(None)
        print(events, counts)
        import cProfile, io, pstats
        with_calls = cProfile.Profile()
        with_calls.runcall(work, 100000)
        print(pstats.Stats(with_calls).total_calls)
        import tracemalloc
        tracemalloc.start()
        data = [bytes(1000) for _ in range(100)]
        print(tracemalloc.get_traced_memory()[0] // 10000)
        sys.addaudithook(lambda event, arguments: events.append(event) if event == "mine" else None)
        sys.audit("mine")
        print(events[-1])
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_pickles_and_multiprocessing_name_main_as_bare(twin):
    twin.write("prog.py", """
        import multiprocessing, pickle, sys
        class Point:
            def __init__(self, x): self.x = x
            def __reduce__(self): return (Point, (self.x,))
        def double(point): return Point(point.x * 2)
        if __name__ == "__main__":
            print(pickle.dumps([Point(1), double], 0))
            for method in ("fork", "spawn", "forkserver"):
                context = multiprocessing.get_context(method)
                with context.Pool(2) as pool:
                    print(method, [p.x for p in pool.map(double, [Point(1), Point(2)])], type(pool).__module__)
            print(multiprocessing.get_start_method(), sys.modules["__main__"].__file__)
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_locks_and_errors_of_multiprocessing_are_as_bare(twin):
    # Row 51: a Lock reached a spawn child as another lock.
    twin.write("prog.py", """
        import multiprocessing, pickle, sys, threading
        def try_lock(lock, answers):
            answers.put((type(lock).__name__, lock.acquire(timeout=0.2)))
        if __name__ == "__main__":
            for method in ("fork", "spawn", "forkserver"):
                context = multiprocessing.get_context(method)
                lock, answers = context.Lock(), context.Queue()
                with lock:
                    child = context.Process(target=try_lock, args=(lock, answers))
                    child.start(); child.join()
                    print(method, "held", answers.get(timeout=10), child.exitcode)
                child = context.Process(target=try_lock, args=(lock, answers))
                child.start(); child.join()
                print(method, "free", answers.get(timeout=10), type(lock))
            try:
                pickle.dumps(lock)
            except RuntimeError as error:
                print(error)
            try:
                pickle.dumps(threading.Lock())
            except TypeError as error:
                print(error)
            try:
                multiprocessing.get_context("spawn").Process(
                    target=try_lock, args=(multiprocessing.get_context("fork").Lock(), None)).start()
            except RuntimeError as error:
                print(error)
            multiprocessing.set_start_method("spawn")
            try:
                multiprocessing.set_start_method("fork")
            except RuntimeError as error:
                print(error)
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
@pytest.mark.parametrize("name", ["copy.py", "types.py", "json.py", "signal.py", "scalene.py", "scalene/__init__.py"])
def test_modules_beside_the_program_disturb_nobody(twin, name):
    # Row 47: such a file in the working directory stopped the reference's start.
    twin.write(name, "raise RuntimeError('the wrong module')")
    twin.write("elsewhere/prog.py", "print('fine')")
    twin.compare("elsewhere/prog.py")
    twin.compare("-I", "elsewhere/prog.py")
    twin.write("prog.py", "import " + name.split(".")[0].split("/")[0])
    twin.compare("prog.py")
