"""Process trees: every child runs as bare, is measured where it can be, and said to be unmeasured where it cannot."""

import os
import shutil
import tempfile

import pytest

from support import interpreters
from support.profile_check import check_profile
from support.twin import Twin, process_count, rows_of

WORK = """
import os, sys, time
def work(seconds=0.3):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))
"""


def write_workers(twin):
    twin.write("workers.py", WORK)


def assert_seconds(document, name, low, high, function="work"):
    """Asserts the CPU seconds of one function, over all processes."""
    seconds = 0
    for row in rows_of(document, name)["functions"]:
        if row["line"] == function:
            seconds += sum(row["ext"].get(part, 0) for part in ("python_sec", "native_sec", "kernel_sec"))
    ext = document["ext"]
    assert low <= seconds <= high, (seconds, ext["processes"], ext.get("totals"), ext.get("outside"), ext.get("losses"))


@pytest.mark.short
def test_workers_that_are_spawned_are_in_the_profile(twin):
    # Row 9.
    assert_workers_are_profiled(twin, "spawn")


@pytest.mark.parametrize("method", ["fork", "forkserver"])
def test_workers_of_the_other_start_methods_are_in_the_profile(twin, method):
    # Row 9.
    assert_workers_are_profiled(twin, method)


def assert_workers_are_profiled(twin, method):
    write_workers(twin)
    twin.write("prog.py", f"""
        import multiprocessing, workers
        if __name__ == "__main__":
            print(multiprocessing.get_start_method())
            context = multiprocessing.get_context("{method}")
            children = [context.Process(target=workers.work) for _ in range(2)]
            for child in children: child.start()
            for child in children: child.join()
            print([child.exitcode for child in children])
        """)
    document = twin.compare("prog.py").document
    assert_seconds(document, "workers.py", 0.45, 0.75)
    assert sum(row.get("cpu_sec", 0) >= 0.25 for row in document["ext"]["processes"]) == 2


@pytest.mark.own_interpreter
def test_pools_and_executors_are_in_the_profile(twin):
    write_workers(twin)
    twin.write("prog.py", """
        import concurrent.futures, multiprocessing, workers
        if __name__ == "__main__":
            with multiprocessing.Pool(2) as pool:
                print(pool.map(workers.work, [0.2, 0.2]))
            with concurrent.futures.ProcessPoolExecutor(2) as executor:
                print(list(executor.map(workers.work, [0.2, 0.2])))
            with multiprocessing.Manager() as manager:
                print(len(manager.list([1, 2])))
        """)
    assert_seconds(twin.compare("prog.py").document, "workers.py", 0.65, 1.1)


@pytest.mark.own_interpreter
def test_python_behind_shells_and_scripts_is_in_the_profile(twin):
    write_workers(twin)
    script = twin.write("tool", f"#!{twin.python}\nimport workers; workers.work()\n")
    script.chmod(0o755)
    twin.write("prog.py", f"""
        import os, subprocess, sys
        run = lambda *words, **how: print(subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **how))
        run("sh", "-c", "exec '{twin.python}' -c 'import workers; workers.work()'", env=dict(os.environ, PYTHONPATH=os.getcwd()))
        run("sh", "-c", "(sh -c './tool; echo $?')")
        run(sys.executable, "-c", "import workers; workers.work()", cwd=os.getcwd(), close_fds=False)
        os.system("./tool")
        print(os.popen("./tool").close())
        """)
    document = twin.compare("prog.py").document
    assert_seconds(document, "workers.py", 1.25, 1.9)


@pytest.mark.own_interpreter
def test_a_child_python_of_another_version_is_in_the_profile(twin):
    others = [found for found in interpreters.found() if found.executable != twin.python]
    if not others:
        pytest.skip("only one interpreter was found")
    write_workers(twin)
    for other in (others[0], others[-1]):
        twin.write("prog.py", f"""
            import os, subprocess
            print(subprocess.run([{other.executable!r}, "-c", "import workers, sys; workers.work(); print(sys.version)"],
                                 stdout=subprocess.PIPE))
            """)
        document = twin.compare("prog.py").document
        assert_seconds(document, "workers.py", 0.2, 0.45)
        assert process_count(document, python=other.version) == 1


@pytest.mark.own_interpreter
def test_a_child_without_our_environment_runs_and_is_named_unprofiled(twin):
    write_workers(twin)
    twin.write("prog.py", """
        import os, subprocess, sys
        print(subprocess.run([sys.executable, "-c", "import os, sys; sys.path.insert(0, '.'); import workers; workers.work()\\n"
                              "print(sorted(os.environ))"], env={}, stdout=subprocess.PIPE))
        """)
    document = twin.compare("prog.py").document
    assert process_count(document, profiled=False) == 1


@pytest.mark.own_interpreter
def test_no_children_profiles_the_root_only_and_cleans_their_environment(twin):
    write_workers(twin)
    twin.write("prog.py", """
        import os, subprocess, sys, workers
        code = "import os, workers; workers.work(); print(os.environ.get('LD_PRELOAD'), os.environ.get('SCALENE_COLLECTOR'))"
        print(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE).stdout)
        child = os.fork()
        if child == 0:
            workers.work()
            os._exit(0)
        os.waitpid(child, 0)
        workers.work()
        """)
    document = twin.compare("prog.py", options=["--no-children"]).document
    assert_seconds(document, "workers.py", 0.2, 0.45)


@pytest.mark.own_interpreter
def test_children_that_are_not_python_run_as_bare(twin, executable):
    static = executable("""
        #include <stdio.h>
        #include <stdlib.h>
        int main(int count, char **words) { printf("static %d %s\\n", count, words[1]); return 17; }
        """, "static", "-static")
    twin.write("prog.py", f"""
        import os, subprocess
        def run(*words, **how):
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how)
            print(words, done.returncode, done.stdout, done.stderr)
        run({str(static)!r}, "a")
        run("true"); run("false"); run("sh", "-c", "kill -9 $$"); run("cat", "/proc/self/comm"); run("ls", "/no/such/file")
        run("sort", input=b"b\\na\\n"); run("sh", "-c", "ulimit -a; umask; pwd"); run("env", "-i", "env")
        run("sh", "-c", "trap 'echo got' USR1; kill -USR1 $$; exit 3"); run("timeout", "0.2", "sleep", "5")
        run("perl", "-e", "print 1+1"); run("bash", "-c", "compgen -b | head -3")
        run("sh", "-c", "grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status")
        run("sh", "-c", "ls /proc/self/fd | wc -l")
        print(os.spawnlp(os.P_WAIT, "true", "true"), os.posix_spawnp("true", ["true"], os.environ) > 0)
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_a_setuid_child_runs_as_bare(twin, executable):
    if os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv to make a setuid program and run it as somebody else")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as public:
        os.chmod(public, 0o777)
        shutil.copy(executable("""
            #include <stdio.h>
            #include <stdlib.h>
            #include <unistd.h>
            int main(void) { printf("%d %d %s\\n", getuid(), geteuid(), getenv("LD_PRELOAD") ? "preload" : "clean"); return 4; }
            """, "setuid"), public + "/setuid")
        os.chmod(public + "/setuid", 0o4755)
        other = Twin(twin.binary, twin.python, public)
        other.write("prog.py", """
            import subprocess
            done = subprocess.run(["./setuid"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            print(done.returncode, done.stdout.split()[:2], done.stderr)
            """)
        os.chmod(public + "/prog.py", 0o644)
        as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        bare = other.run([*as_nobody, other.python, "prog.py"])
        profiled = other.run([*as_nobody, *other.command("prog.py", profile=public + "/out.json")])
        assert bare[:2] == profiled[:2] and bare[1].startswith(b"4 [b'65534', b'0'] b''"), (bare, profiled)


@pytest.mark.own_interpreter
def test_a_program_that_drops_its_rights_is_still_profiled(twin):
    if os.getuid() != 0:
        pytest.skip("needs root to give rights up")
    twin.write("prog.py", WORK + """
os.setgid(65534); os.setuid(65534)
work(0.3)
child = os.fork()
if child == 0:
    work(0.4)
    os._exit(0)
print(os.getuid(), os.waitpid(child, 0)[1])
""")
    document = twin.compare("prog.py").document
    assert_seconds(document, "prog.py", 0.25, 0.85)


@pytest.mark.own_interpreter
def test_exec_is_another_row_of_the_same_pid(twin):
    write_workers(twin)
    twin.write("prog.py", """
        import os, sys, workers
        workers.work(0.4)
        os.execv(sys.executable, [sys.executable, "-c", "import workers; workers.work(0.4); raise SystemExit(9)"])
        """)
    document = twin.compare("prog.py", env={"PYTHONPATH": str(twin.directory)}).document
    rows = document["ext"]["processes"]
    assert len(rows) == 2 and rows[0]["pid"] == rows[1]["pid"] and {row["how"] for row in rows} == {"root", "exec"}
    assert_seconds(document, "workers.py", 0.65, 0.95)
    assert document["elapsed_time_sec"] >= 0.75


@pytest.mark.own_interpreter
def test_a_storm_of_forks_is_survived_and_counted(twin, long_form):
    children, at_once = (1000, 50) if long_form else (100, 25)
    twin.write("prog.py", f"""
        import os, time
        alive, statuses = 0, set()
        for index in range({children}):
            if alive == {at_once}:
                statuses.add(os.wait()[1]); alive -= 1
            if os.fork() == 0:
                while time.process_time() < 0.02:  # long enough for a sample
                    sum(range(1000))
                os._exit(0)
            alive += 1
        while alive:
            statuses.add(os.wait()[1]); alive -= 1
        print(statuses)
        """)
    document = twin.compare("prog.py").document
    rows = document["ext"]["processes"]
    counted = len(rows) + sum(row.get("and_more", 0) for row in rows)
    assert counted > children / 4 or document["ext"].get("losses")


@pytest.mark.own_interpreter
def test_forks_inside_a_busy_multi_threaded_program_are_safe(twin, long_form):
    forks = 300 if long_form else 40
    twin.write("prog.py", f"""
        import os, threading
        over = threading.Event()
        def burn():
            while not over.is_set():
                exec("sum(range(1000))")
        threads = [threading.Thread(target=burn) for _ in range(6)]
        for thread in threads: thread.start()
        statuses = []
        for _ in range({forks}):
            child = os.fork()
            if child == 0:
                exec("sum(range(20000))")
                helper = threading.Thread(target=sum, args=(range(1000),))
                helper.start(); helper.join()
                os._exit(7)
            statuses.append(os.waitpid(child, 0)[1])
        over.set()
        for thread in threads: thread.join()
        print(set(statuses))
        """)
    twin.compare("-W", "ignore", "prog.py")


@pytest.mark.own_interpreter
def test_nested_forks_and_a_daemon_are_followed(twin):
    twin.write("prog.py", WORK + """
def nest(depth):
    work(0.15)
    if depth:
        child = os.fork()
        if child == 0:
            nest(depth - 1)
            os._exit(depth)
        print(depth, os.waitpid(child, 0)[1], flush=True)
nest(4)
""")
    document = twin.compare("prog.py").document
    assert_seconds(document, "prog.py", 0.55, 1.0)
    assert process_count(document, how="fork") == 4


@pytest.mark.own_interpreter
def test_vfork_from_c_leaves_the_parents_memory_alone(twin, shared_library):
    library = shared_library("""
        #include <sys/wait.h>
        #include <unistd.h>
        int many(int count) {
          int good = 0;
          for (int i = 0; i < count; i++) {
            pid_t child = vfork();
            if (child == 0) {
              volatile long sum = 0;
              for (long j = 0; j < 3000000; j++) sum += j;
              execl("/bin/true", "true", (char *)0);
              _exit(1);
            }
            int status;
            waitpid(child, &status, 0);
            good += status == 0;
          }
          return good;
        }
        """, "vforks")
    twin.write("prog.py", WORK + f"""
import ctypes
library = ctypes.CDLL("{library}")
work(0.2)
print(library.many(40))
work(0.4)
""")
    document = twin.compare("prog.py").document
    assert_seconds(document, "prog.py", 0.45, 0.75)
    assert process_count(document, how="root") == 1


@pytest.mark.own_interpreter
def test_a_parent_that_reaped_children_shows_its_own_time_as_python(twin):
    # Row 55: it used to be 100 % system.
    twin.write("prog.py", """
        import os, time
        for _ in range(3):
            child = os.fork()
            if child == 0:
                sum(range(2000000))
                os._exit(0)
            os.waitpid(child, 0)
        total = 0
        end = time.process_time() + 0.6
        while time.process_time() < end:
            for i in range(1000): total += i * i
        """)
    line = twin.compare("prog.py").lines("prog.py")[11]
    assert "total += i * i" in line["line"]
    assert line["n_cpu_percent_python"] > 10 * line["n_sys_percent"]
    assert line["ext"]["python_sec"] >= 0.4


@pytest.mark.own_interpreter
def test_a_subprocess_run_under_another_scalene_is_left_to_it(twin):
    twin.write("inner.py", WORK + "work(0.3)\nprint('inner')\n")
    twin.write("prog.py", f"""
        import subprocess
        print(subprocess.run([{str(twin.binary)!r}, "run", "--quiet", "--python", {twin.python!r}, "-o", "inner.json", "inner.py"],
                             stdout=subprocess.PIPE))
        """)
    outcome = twin.profiled("prog.py")
    assert outcome.status == 0 and b"returncode=0" in outcome.stdout
    assert outcome.document
    assert_seconds(check_profile(twin.directory / "inner.json"), "inner.py", 0.2, 0.45)


@pytest.mark.own_interpreter
def test_a_test_suite_with_parallel_workers_is_in_the_profile(twin):
    # As pytest-xdist does it: workers by execnet's way, a Python started with its program on stdin.
    write_workers(twin)
    twin.write("prog.py", """
        import subprocess, sys
        workers = [subprocess.Popen([sys.executable, "-u", "-c", "import sys; exec(sys.stdin.readline())"],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(2)]
        for worker in workers:
            print(worker.communicate(b"import sys; sys.path.insert(0, '.'); import workers; workers.work(0.4); print('ok')\\n"))
        """)
    assert_seconds(twin.compare("prog.py").document, "workers.py", 0.65, 1.0)
