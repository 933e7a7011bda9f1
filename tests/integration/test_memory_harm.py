"""Memory profiling changes nothing but time: other allocators, limits, forks, foreign pointers, odd windows."""

import glob
import os
import resource
import subprocess

import pytest

from support.twin import assert_same

MEMORY = ("--memory",)
WORK = """
    import sys
    kept = [bytearray(1 << 20) for _ in range(30)]
    small = [[i] for i in range(100000)]
    texts = {i: str(i) for i in range(50000)}
    del small
    text = "x" * (4 << 20)
    text = text + text
    print(len(texts), len(text), len(kept))
    """


def memory_of(outcome):
    document = outcome.document
    assert document["memory"]
    return document


@pytest.mark.parametrize("allocator", ["malloc", "debug", "malloc_debug", "pymalloc", "pymalloc_debug", "mimalloc"])
@pytest.mark.short
def test_pythonmalloc(twin, allocator):
    twin.write("prog.py", WORK)
    if twin.bare("prog.py", env={"PYTHONMALLOC": allocator}).status != 0:
        pytest.skip("this interpreter has no such allocator")
    document = memory_of(twin.compare("prog.py", options=MEMORY, env={"PYTHONMALLOC": allocator}))
    # 30 MiB, 50,000 texts and integers in a dictionary (7 to 12 MiB), a text of 8 MiB beside its halves.
    assert 42 < document["max_footprint_mb"] < 90
    assert document["max_footprint_python_fraction"] > 0.95


@pytest.mark.own_interpreter
def test_a_users_own_allocator_stays_in_charge(twin):
    jemalloc = glob.glob("/usr/lib/*/libjemalloc.so.2")
    assert jemalloc, "libjemalloc2 is missing: run tools/setup test"
    twin.write("prog.py", WORK + """
    import ctypes
    usable = ctypes.CDLL(None).malloc_usable_size
    usable.argtypes, usable.restype = [ctypes.c_void_p], ctypes.c_size_t
    allocate = ctypes.CDLL(None).malloc
    allocate.argtypes, allocate.restype = [ctypes.c_size_t], ctypes.c_void_p
    print([usable(allocate(n)) for n in (1, 100, 1000, 5000)])  # the allocator's own classes
    """)
    outcome = twin.compare("prog.py", options=MEMORY, env={"LD_PRELOAD": jemalloc[0]})
    assert b"[8, 112, 1024, 5120]" in outcome.stdout
    document = memory_of(outcome)
    # 30 + 4 + 8 MiB in large blocks; without double counting of what jemalloc maps.
    assert 42 < document["max_footprint_mb"] < 80
    lines = [row for entry in document["files"].values() for row in entry["lines"]]
    assert lines[2]["n_malloc_mb"] == pytest.approx(30, rel=0.02)


@pytest.mark.own_interpreter
def test_a_limit_on_memory_is_met_as_bare(twin):
    twin.write("prog.py", """
        kept = []
        try:
            while True:
                kept.append(bytearray(8 << 20))
        except MemoryError:
            count = len(kept)
            kept.clear()
            print("full", 50 <= count <= 64, flush=True)
        """)
    limit = 640 << 20
    twin.compare("prog.py", options=MEMORY, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))


@pytest.mark.own_interpreter
def test_a_limit_that_the_program_sets_itself(twin):
    twin.write("prog.py", """
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
        kept = []
        try:
            for _ in range(1000): kept.append(bytearray(4 << 20))
        except MemoryError:
            count = len(kept)
            kept.clear()
            print(80 <= count <= 128)
        """)
    assert b"True" in twin.compare("prog.py", options=MEMORY).stdout


@pytest.mark.short
def test_tracemalloc_beside_us(twin):
    twin.write("prog.py", """
        import tracemalloc
        tracemalloc.start()
        kept = [bytearray(1 << 20) for _ in range(40)]
        size, peak = tracemalloc.get_traced_memory()
        print(40 <= size / 2**20 < 42)
        tracemalloc.stop()
        more = bytearray(10 << 20)
        print(len(more))
        """)
    outcome = twin.compare("prog.py", options=MEMORY)
    assert outcome.stdout.startswith(b"True")
    assert memory_of(outcome)["max_footprint_mb"] == pytest.approx(50, rel=0.1)


@pytest.mark.parametrize("window", ["1", "10000000000"])
@pytest.mark.own_interpreter
def test_odd_windows(twin, window):
    twin.write("prog.py", WORK)
    document = memory_of(twin.compare("prog.py", options=(*MEMORY, "--allocation-sampling-window", window)))
    assert 42 < document["max_footprint_mb"] < 80  # exact, whatever the window


@pytest.mark.own_interpreter
def test_forks_while_other_threads_allocate(twin):
    twin.write("prog.py", """
        import os, threading
        stop = False
        def churn():
            while not stop:
                [bytearray(300000) for _ in range(20)]
                [str(i) for i in range(2000)]
        threads = [threading.Thread(target=churn) for _ in range(4)]
        for thread in threads: thread.start()
        statuses = set()
        for _ in range(60):
            child = os.fork()
            if child == 0:
                kept = [bytearray(700000) for _ in range(30)] + [str(i) for i in range(20000)]
                del kept
                os._exit(7)
            statuses.add(os.waitpid(child, 0)[1])
        stop = True
        for thread in threads: thread.join()
        print(statuses)
        """)
    outcome = twin.profiled("prog.py", options=(*MEMORY, "--allocation-sampling-window", "20000"))
    assert outcome.status == 0 and outcome.stdout == b"{1792}\n", outcome.errors
    assert outcome.document["memory"]


@pytest.mark.own_interpreter
def test_a_handler_that_allocates_amid_allocations(twin, shared_library):
    library = shared_library("""
        #include <signal.h>
        #include <stdlib.h>
        #include <sys/time.h>
        static volatile long handled;
        static void handle(int number) {
          /* Not allowed by the standard, and done all the same; only sizes that malloc serves without a lock here. */
          handled++;
        }
        long storm(long count) {
          struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
          sigaction(SIGALRM, &action, 0);
          struct itimerval often = {{0, 500}, {0, 500}};
          setitimer(ITIMER_REAL, &often, 0);
          for (long i = 0; i < count; ++i) free(realloc(malloc(i % 5000 + 1), i % 70000 + 1));
          struct itimerval never = {{0, 0}, {0, 0}};
          setitimer(ITIMER_REAL, &never, 0);
          return handled > 0;
        }
        """, "storm")
    twin.write("prog.py", """
        import ctypes, sys
        print(ctypes.CDLL(sys.argv[1]).storm(ctypes.c_long(300000)))
        """)
    twin.compare("prog.py", str(library), options=(*MEMORY, "--allocation-sampling-window", "3000"))


@pytest.mark.parametrize("deed", ["double", "foreign", "stack"])
@pytest.mark.own_interpreter
def test_wrong_frees_end_as_bare(twin, shared_library, deed):
    library = shared_library("""
        #include <stdlib.h>
        #include <sys/resource.h>
        void wrong(int deed) {
          struct rlimit none = {0, 0};
          setrlimit(RLIMIT_CORE, &none);
          static char block[256];
          char* volatile p = malloc(3000);
          if (deed == 'd') { free(p); free(p); }
          if (deed == 'f') free(p + 24);
          if (deed == 's') free(block + 32);
        }
        """, "wrong")
    twin.write("prog.py", """
        import ctypes, sys
        ctypes.CDLL(sys.argv[1]).wrong(ord(sys.argv[2][0]))
        """)
    bare = twin.bare("prog.py", str(library), deed)
    profiled = twin.profiled("prog.py", str(library), deed, options=MEMORY)
    assert_same(bare, profiled)


@pytest.mark.own_interpreter
def test_two_thousand_threads(twin):
    twin.write("prog.py", """
        import threading
        def work():
            kept = [bytearray(20000) for _ in range(20)]
        for _ in range(20):
            threads = [threading.Thread(target=work) for _ in range(100)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
        print("done")
        """)
    document = memory_of(twin.compare("prog.py", options=MEMORY))
    assert document["ext"]["memory"]["live_end_mb"] < 20


@pytest.mark.own_interpreter
def test_more_samples_than_the_budget_allows(twin):
    # 300,000 blocks, most of which would be sampled at this window: it grows, and the sums stay right.
    twin.write("prog.py", """
        kept = [None] * 300000
        for i in range(300000):
            kept[i] = bytes(1000)
        print(len(kept))
        """)
    document = memory_of(twin.compare("prog.py", options=(*MEMORY, "--allocation-sampling-window", "1500")))
    lines = [row for entry in document["files"].values() for row in entry["lines"]]
    assert lines[3]["ext"]["live_end_mb"] == pytest.approx(300000 * 1033 / 2**20, rel=0.12)
    assert lines[3]["n_malloc_mb"] == pytest.approx(300000 * 1033 / 2**20, rel=0.12)


@pytest.mark.own_interpreter
def test_large_blocks_keep_to_the_budget_as_well(twin):
    # Nothing but blocks that are always sampled at this window.
    twin.write("prog.py", """
        import itertools
        kept = [bytes(3000) for _ in itertools.repeat(None, 40000)]
        """)
    document = memory_of(twin.compare("prog.py", options=(*MEMORY, "--allocation-sampling-window", "4096")))
    assert document["alloc_samples"] < 2000 * (document["elapsed_time_sec"] + 5)
    lines = [row for entry in document["files"].values() for row in entry["lines"]]
    low, high = lines[2]["ext"]["alloc_ci95"]  # widened to 4 deviations
    assert abs((low + high) / 2 - 40000 * 3033 / 2**20) < (high - low) / 2 * 4 / 1.96


@pytest.mark.own_interpreter
def test_a_killed_program_leaves_what_was_live(twin):
    twin.write("prog.py", """
        import os, signal, time
        kept = [bytearray(4 << 20) for _ in range(16)]
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGKILL)
        """)
    outcome = twin.profiled("prog.py", options=MEMORY)
    document = memory_of(outcome)
    lines = [row for entry in document["files"].values() for row in entry["lines"]]
    assert outcome.status == -9
    assert lines[2]["ext"]["live_end_mb"] == pytest.approx(64, rel=0.01)
    assert document["samples"][-1][1] == pytest.approx(64, rel=0.02)


@pytest.mark.own_interpreter
def test_small_objects_up_to_the_limit_and_back(twin):
    # When no arena can be made any more, the interpreter puts small blocks into libc's heap, where there is room for 60 MB
    # here: each counts once even then.
    twin.write("prog.py", """
        import resource
        holes = [bytes(1000) for _ in range(60000)]
        top = bytes(1000)
        del holes
        with open("/proc/self/statm") as file: mapped = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + (4 << 20), resource.RLIM_INFINITY))
        kept = None
        try:
            while True: kept = [kept, b"x" * 400]
        except MemoryError:
            while kept is not None: kept = kept[0]
            print("full", flush=True)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        block = bytearray(50 << 20)
        del block
        kept = [[] for _ in range(1000)]
        """)
    document = memory_of(twin.compare("prog.py", options=MEMORY))
    assert document["max_footprint_mb"] == pytest.approx(60, abs=10)
    assert document["samples"][-1][1] < 5


@pytest.mark.own_interpreter
def test_an_allocator_in_front_of_us(twin):
    # The other order: the program starts another with jemalloc first. Then only the interpreter's own small objects pass us.
    jemalloc = glob.glob("/usr/lib/*/libjemalloc.so.2")
    assert jemalloc, "libjemalloc2 is missing: run tools/setup test"
    twin.write("inner.py", WORK)
    twin.write("prog.py", f"""
        import os, sys
        os.environ["LD_PRELOAD"] = ":".join(filter(None, ["{jemalloc[0]}", os.environ.get("LD_PRELOAD")]))
        os.execv(sys.executable, [sys.executable, "inner.py"])
        """)
    document = memory_of(twin.compare("prog.py", options=MEMORY))
    assert 42 < document["max_footprint_mb"] < 90


@pytest.mark.own_interpreter
def test_under_a_sanitizer_memory_is_not_measured(twin):
    sanitizer = glob.glob("/usr/lib/gcc/*/12/libasan.so")
    assert sanitizer, "libasan is missing: run tools/setup test"
    twin.write("prog.py", WORK)
    env = {"LD_PRELOAD": sanitizer[0], "ASAN_OPTIONS": "detect_leaks=0"}
    outcome = twin.compare("prog.py", options=MEMORY, env=env)
    assert b"was not measured: AddressSanitizer is in charge of it" in outcome.stderr
    assert outcome.document["max_footprint_mb"] == 0


@pytest.mark.own_interpreter
def test_an_interpreter_built_with_a_sanitizer(twin, tmp_path):
    # Debian's interpreter as a library in a program that needs AddressSanitizer's runtime in front of all others.
    library = glob.glob("/usr/lib/*/libpython3.11.so.1.0")
    assert library, "libpython3.11 is missing: run tools/setup test"
    source, python = tmp_path / "python.c", tmp_path / "python3-asan"
    source.write_text("int Py_BytesMain(int, char**);\nint main(int n, char** words) { return Py_BytesMain(n, words); }\n")
    subprocess.run(["gcc", "-fsanitize=address", "-o", python, source, library[0]], check=True)
    twin.python = str(python)
    twin.write("prog.py", """
        import os, subprocess, sys, time
        end = time.process_time() + 0.3
        while time.process_time() < end: pass
        print(os.environ.get("LD_PRELOAD"), flush=True)
        subprocess.run([sys.executable, "-c", "print('a child')"], check=True)
        subprocess.run(["sh", "-c", "echo $LD_PRELOAD $SCALENE_COLLECTOR"], check=True)
        """)
    outcome = twin.compare("prog.py", options=MEMORY, env={"ASAN_OPTIONS": "detect_leaks=0"})
    assert b"was not measured: AddressSanitizer is in charge of it" in outcome.stderr
    seconds = [row["ext"][kind] for row in outcome.lines("prog.py")[3:4] for kind in ("python_sec", "native_sec", "kernel_sec")]
    assert sum(seconds) == pytest.approx(0.3, abs=0.1)


@pytest.mark.own_interpreter
def test_without_memory_allocations_and_copies_do_not_pass_by_us(twin):
    twin.write("prog.py", """
        import ctypes
        everything = ctypes.CDLL(None)
        for name in ("realloc", "mmap", "memcpy", "strcpy"):  # malloc is an address in the executable
            address = ctypes.cast(getattr(everything, name), ctypes.c_void_p).value
            print(name, [line.split()[-1] for line in open("/proc/self/maps")
                         if int(line.split("-")[0], 16) <= address < int(line.split("-")[1].split()[0], 16)])
        """)
    twin.compare("prog.py", options=("--cpu-only",))
    passing = twin.profiled("prog.py", options=MEMORY).text.splitlines()
    assert len(passing) == 4 and all("libscalene_agent" in line for line in passing), passing
