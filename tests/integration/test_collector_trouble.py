"""The program never depends on the collector: it may be killed, stopped or slow, and the program runs as bare."""

import os
import signal
import time

import pytest

from support.profile_check import check_profile
from support.twin import kill_session, state_of, wait_until

pytestmark = pytest.mark.own_interpreter

PROGRAM = """
    import os, subprocess, sys, threading, time
    def work(seconds):
        end = time.process_time() + seconds
        while time.process_time() < end:
            exec("sum(range(1000))")
    print("ready", os.getpid(), flush=True)
    thread = threading.Thread(target=work, args=(0.5,))
    thread.start()
    work(0.5)
    child = os.fork()
    if child == 0:
        work(0.3)
        os._exit(3)
    status = os.waitpid(child, 0)[1]
    other = subprocess.run([sys.executable, "-c", "print(sum(range(1000000)))"], stdout=subprocess.PIPE)
    thread.join()
    threads = [threading.Thread(target=work, args=(0.01,)) for _ in range(10)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    with open("done.part", "w") as file:
        file.write(f"{status} {other.stdout} {len(os.listdir('/proc/self/fd'))}")
    os.rename("done.part", "done")
    """


def start(twin):
    twin.write("prog.py", PROGRAM)
    profile = twin.new_profile_path()
    process = twin.start(twin.command("prog.py", profile=profile), stderr=open(twin.directory / "stderr", "wb"))
    process.profile = profile
    word, pid = process.stdout.readline().split()
    assert word == b"ready"
    return process, int(pid)


@pytest.fixture
def bare_result(twin):
    twin.write("prog.py", PROGRAM)
    twin.bare("prog.py")
    return (twin.directory / "done").read_text(), (twin.directory / "done").unlink()


@pytest.mark.parametrize("delay", [0.0, 0.2, 0.7])
def test_a_killed_collector_leaves_the_program_unharmed(twin, bare_result, delay):
    process, program = start(twin)
    time.sleep(delay)
    process.kill()
    assert process.wait(timeout=10) == -signal.SIGKILL
    wait_until((twin.directory / "done").exists, "the program to end by itself")
    wait_until(lambda: state_of(program) in (None, "Z"), "the program to be gone")
    assert (twin.directory / "done").read_text() == bare_result[0]
    assert (twin.directory / "stderr").read_bytes() == b""


def test_a_stopped_collector_leaves_the_program_unharmed_and_its_losses_counted(twin, bare_result):
    process, program = start(twin)
    process.send_signal(signal.SIGSTOP)
    wait_until((twin.directory / "done").exists, "the program to end by itself")
    wait_until(lambda: state_of(program) == "Z", "the program to end")
    assert (twin.directory / "done").read_text() == bare_result[0]
    process.send_signal(signal.SIGCONT)
    stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    document = check_profile(process.profile)
    totals, losses = document["ext"]["totals"], document["ext"].get("losses", {})
    assert totals["cpu_samples"] >= 50 or losses["transport"]["ring_full"] > 0


def test_a_full_ring_is_counted_and_shown(twin):
    twin.write("prog.py", """
        import os, signal, sys, threading, time
        sys.setrecursionlimit(10000)
        def deep(n):
            if n:
                return deep(n - 1)
            end = time.thread_time() + 3
            while time.thread_time() < end:
                sum(range(100))
        print("ready", flush=True)
        threading.stack_size(64 << 20)
        thread = threading.Thread(target=deep, args=(1000,))
        thread.start(); thread.join()
        open("done", "w").close()
        """)
    profile = twin.new_profile_path()
    process = twin.start(twin.command("prog.py", options=["--cpu-sampling-rate", "0.001"], profile=profile))
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGSTOP)
    wait_until((twin.directory / "done").exists, "the program to end by itself", limit=60)
    process.send_signal(signal.SIGCONT)
    _, stderr = process.communicate(timeout=30)
    document = check_profile(profile)
    assert process.returncode == 0
    assert document["ext"]["losses"]["transport"]["ring_full"] > 0
    assert document["ext"]["losses"]["lost_percent"] > 0
    assert b"in no sample" in stderr


def test_children_that_outlive_the_root_keep_running(twin):
    twin.write("prog.py", """
        import os, time
        if os.fork() == 0:
            os.setsid()
            end = time.process_time() + 0.5
            while time.process_time() < end:
                sum(range(1000))
            time.sleep(0.5)
            open("late", "w").write("unharmed")
            os._exit(0)
        print("root ends")
        """)
    began = time.monotonic()
    outcome = twin.profiled("prog.py", stdout=open(os.devnull, "wb"), stderr=open(twin.directory / "stderr", "wb"))
    assert outcome.status == 0
    assert time.monotonic() - began < 5
    assert outcome.document
    wait_until(lambda: (twin.directory / "late").exists() and (twin.directory / "late").read_text(), "the straggler to end")


def test_a_straggler_that_holds_the_output_open_does_not_hold_scalene(twin):
    twin.write("prog.py", """
        import os, time
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
        """)
    process = twin.start(twin.command("prog.py", profile=twin.new_profile_path()))
    assert process.wait(timeout=10) == 0
    kill_session(process)


def test_the_collector_does_not_adopt_orphans(twin):
    twin.write("prog.py", """
        import os, time
        reader, writer = os.pipe()
        if os.fork() == 0:
            middle = os.getpid()
            if os.fork() == 0:
                while os.getppid() == middle:
                    time.sleep(0.01)
                os.write(writer, str(os.getppid()).encode())
                os._exit(0)
            os._exit(0)
        os.wait()
        print(os.read(reader, 100))
        """)
    twin.compare("prog.py")
