"""Threads by any road and in any number, small stacks, deep recursion."""

import pytest

from support.twin import rows_of


@pytest.mark.own_interpreter
def test_a_storm_of_short_threads_is_survived(twin, long_form):
    count = 2000 if long_form else 500
    twin.write("prog.py", f"""
        import threading
        done = []
        def short():
            sum(range(10000))
            done.append(1)
        for _ in range({count // 50}):
            threads = [threading.Thread(target=short) for _ in range(50)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
        print(len(done))
        with open("/proc/self/timers") as file:
            print(sum(line.startswith("ID:") for line in file))
        """)
    bare, profiled = twin.bare("prog.py"), twin.profiled("prog.py")
    assert (profiled.status, profiled.stdout.split()[0]) == (0, bare.stdout.split()[0])
    # The timers of the dead threads must be gone, but for some of the last fifty.
    assert int(bare.stdout.split()[1]) == 0 and int(profiled.stdout.split()[1]) <= 50
    assert profiled.document


@pytest.mark.own_interpreter
def test_threads_started_in_c_come_and_go(twin, shared_library, long_form):
    library = shared_library("""
        #include <pthread.h>
        static void *brief(void *sum) { for (long i = 0; i < 200000; i++) *(volatile long *)sum += i; return sum; }
        static void *leaver(void *sum) { brief(sum); pthread_exit(sum); }
        int storm(int count) {
          int good = 0;
          for (int i = 0; i < count; i++) {
            pthread_t threads[8];
            long sums[8] = {0};
            for (int j = 0; j < 8; j++) pthread_create(&threads[j], 0, j % 2 ? brief : leaver, &sums[j]);
            for (int j = 0; j < 8; j++) { pthread_join(threads[j], 0); good += sums[j] == 19999900000L; }
          }
          return good;
        }
        """, "storm")
    twin.write("prog.py", f"""
        import ctypes
        print(ctypes.CDLL("{library}").storm({250 if long_form else 50}))
        """)
    twin.compare("prog.py")


def test_the_smallest_thread_stack_is_enough(twin):
    # Ruling 33: nothing big is put onto the interrupted stack.
    twin.write("prog.py", """
        import sys, threading, time
        threading.stack_size(32768 if sys.version_info < (3, 14) else 53248)
        def burn():
            end = time.thread_time() + 0.4
            while time.thread_time() < end:
                pass
        threads = [threading.Thread(target=burn) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(threading.stack_size())
        """)
    outcome = twin.compare("prog.py")
    assert rows_of(outcome.document, "prog.py")["percent_cpu_time"] > 50


@pytest.mark.short
def test_recursion_to_the_limit_in_a_loop_is_an_exception_as_bare(twin):
    twin.write("prog.py", """
        import sys, time
        def down(n): return down(n + 1)
        def through_c(n): return max(map(through_c, [n + 1]))
        end, counts = time.process_time() + 0.6, [0, 0]
        while time.process_time() < end:
            for index, function in enumerate((down, through_c)):
                try:
                    function(0)
                except RecursionError:
                    counts[index] += 1
        print(all(counts))
        """)
    outcome = twin.compare("prog.py")
    assert rows_of(outcome.document, "prog.py")["percent_cpu_time"] > 50


@pytest.mark.own_interpreter
def test_recursion_to_the_guard_page_dies_as_bare(twin):
    twin.write("prog.py", """
        import sys, threading
        sys.setrecursionlimit(10 ** 9)
        threading.stack_size(1 << 20)
        class Deep:
            def __getattr__(self, name): return getattr(self, name + "x")
        def through_c(n): return sorted([n], key=lambda x: through_c(x + 1))
        thread = threading.Thread(target=through_c, args=(0,))
        thread.start(); thread.join()
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_greenlets_of_generators_and_deep_stacks_are_walked(twin):
    twin.write("prog.py", """
        import sys, threading, time
        sys.setrecursionlimit(200000)
        threading.stack_size(512 << 20)
        def deep(n):
            if n == 0:
                end = time.thread_time() + 0.5
                while time.thread_time() < end:
                    sum(range(100))
                return 0
            return deep(n - 1) + 1
        thread = threading.Thread(target=lambda: print(deep(20000)))
        thread.start(); thread.join()
        """)
    document = twin.compare("prog.py").document
    deep = [row for row in rows_of(document, "prog.py")["functions"] if row["line"] == "deep"]
    assert deep and deep[0]["ext"]["samples"] >= 10


@pytest.mark.own_interpreter
def test_sub_interpreters_run_as_bare(twin):
    twin.write("prog.py", """
        try:
            import _xxsubinterpreters as interpreters
        except ImportError:
            import _interpreters as interpreters
        for _ in range(5):
            one = interpreters.create()
            interpreters.run_string(one, "total = 0\\nfor i in range(300000): total += i\\nprint(total, flush=True)")
            interpreters.destroy(one)
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_threads_at_interpreter_exit_are_as_bare(twin):
    twin.write("prog.py", """
        import atexit, threading, time
        def forever():
            while True:
                sum(range(1000))
        for _ in range(4):
            threading.Thread(target=forever, daemon=True).start()
        atexit.register(lambda: print("at exit"))
        time.sleep(0.3)
        raise SystemExit(5)
        """)
    for _ in range(3):
        twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_an_embedded_interpreter_that_is_started_twice_runs_as_bare(twin, executable):
    import os
    import subprocess
    config = f"{os.path.dirname(twin.python)}/python3-config"
    if not os.access(config, os.X_OK):
        pytest.skip(f"no {config} to build an embedding program with")
    flags = subprocess.run([config, "--cflags", "--ldflags", "--embed"], stdout=subprocess.PIPE, check=True).stdout.decode().split()
    program = executable("""
        #include <Python.h>
        int main(void) {
          for (int i = 0; i < 3; i++) {
            Py_Initialize();
            PyRun_SimpleString("import time\\nend = time.process_time() + 0.2\\nwhile time.process_time() < end: pass\\n"
                               "print('embedded', flush=True)");
            Py_Finalize();
          }
          return 6;
        }
        """, "embedding", *flags)
    twin.write("prog.py", f"import subprocess; print(subprocess.run([{str(program)!r}], stdout=subprocess.PIPE))")
    assert b"returncode=6" in twin.compare("prog.py").stdout
