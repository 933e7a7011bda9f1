"""Signals that somebody sends to `scalene` reach the program, once, and what it does about them is what happens."""

import os
import signal
import time

import pytest

from support.twin import Outcome, Profiled, assert_same, children_of, state_of, wait_until

pytestmark = pytest.mark.own_interpreter

COUNTING = """
    import os, signal, sys, time
    seen = []
    def note(number, frame):
        seen.append(signal.Signals(number).name)
        os.write(1, seen[-1].encode() + b"\\n")
    for name in sys.argv[1:]:
        signal.signal(getattr(signal, name), note)
    print("ready", flush=True)
    end = time.monotonic() + 20
    while "SIGUSR2" not in seen and time.monotonic() < end:
        time.sleep(0.01)
    print(*seen, flush=True)
    """


def start(twin, *words, options=(), **popen):
    profile = twin.new_profile_path()
    process = twin.start(twin.command(*words, options=options, profile=profile), **popen)
    process.profile = profile
    return process


def read_ready(process):
    assert process.stdout.readline() == b"ready\n"


def finish(process):
    stdout, stderr = process.communicate(timeout=30)
    return Profiled(process.returncode, stdout, stderr, path=process.profile)


def test_every_forwarded_signal_arrives_exactly_once(twin):
    twin.write("prog.py", COUNTING)
    names = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGCONT", "SIGUSR2"]
    process = start(twin, "prog.py", *names)
    read_ready(process)
    for name in names:
        process.send_signal(getattr(signal, name))
        assert process.stdout.readline() == name.encode() + b"\n"
    outcome = finish(process)
    assert outcome.stdout.split() == [name.encode() for name in names]
    assert outcome.status == 0
    assert outcome.document


def test_a_signal_to_the_whole_group_arrives_exactly_once(twin):
    # The program is in the group, and has it without us; what is sent to us alone in between still has to be passed on.
    twin.write("prog.py", COUNTING)
    names = ["SIGTERM", "SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR1", "SIGUSR2"]
    process = start(twin, "prog.py", *sorted(set(names)), start_new_session=True)
    read_ready(process)
    for number, name in enumerate(names):
        send = os.kill if number % 2 else os.killpg
        send(process.pid, getattr(signal, name))
        assert process.stdout.readline() == name.encode() + b"\n"
        time.sleep(0.05)  # a second one would come within this
    outcome = finish(process)
    assert outcome.stdout.split() == [name.encode() for name in names]
    assert outcome.status == 0
    assert outcome.document


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1"])
def test_a_signal_that_kills_the_program_is_the_status_of_scalene(twin, name):
    # "ready" comes from a thread, so that the main one is in its wait when the signal arrives: its traceback says where.
    twin.write("prog.py", """
        import threading
        threading.Timer(0.2, print, ("ready",), {"flush": True}).start()
        threading.Event().wait(30)
        """)
    number = getattr(signal, name)
    bare_process = twin.start([twin.python, "prog.py"])
    read_ready(bare_process)
    bare_process.send_signal(number)
    stdout, stderr = bare_process.communicate(timeout=30)
    process = start(twin, "prog.py")
    read_ready(process)
    process.send_signal(number)
    outcome = finish(process)
    assert_same(Outcome(bare_process.returncode, stdout, stderr), outcome)
    assert outcome.status == -number
    assert outcome.document


def test_signals_queued_in_a_burst_are_not_multiplied(twin):
    twin.write("prog.py", COUNTING)
    process = start(twin, "prog.py", "SIGUSR1", "SIGUSR2")
    read_ready(process)
    for _ in range(50):
        process.send_signal(signal.SIGUSR1)
    assert process.stdout.readline() == b"SIGUSR1\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGUSR2)
    seen = finish(process).stdout.splitlines()[-1].split()
    assert 1 <= seen.count(b"SIGUSR1") <= 50 and seen.count(b"SIGUSR2") == 1


def test_signals_that_the_program_ignores_change_nothing(twin):
    twin.write("prog.py", """
        import signal, time
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        print("ready", flush=True)
        time.sleep(0.5)
        print("unmoved")
        """)
    process = start(twin, "prog.py")
    read_ready(process)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        process.send_signal(number)
    outcome = finish(process)
    assert (outcome.status, outcome.stdout) == (0, b"unmoved\n")


def test_stop_and_continue_reach_the_program(twin):
    twin.write("prog.py", "import time; print('ready', flush=True); time.sleep(0.3); print('over')")
    # A group of this session: in a session of its own it would be orphaned, and SIGTSTP has no effect on such a group.
    process = start(twin, "prog.py", start_new_session=False, process_group=0)
    read_ready(process)
    program = children_of(process.pid)[0]
    process.send_signal(signal.SIGTSTP)
    wait_until(lambda: state_of(program) == "T", "the program to stop")
    process.send_signal(signal.SIGCONT)
    outcome = finish(process)
    assert (outcome.status, outcome.stdout) == (0, b"over\n")


def test_a_program_that_stops_itself_is_continued_through_scalene(twin):
    twin.write("prog.py", """
        import os, signal
        print("ready", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)
        print("over")
        """)
    process = start(twin, "prog.py")
    read_ready(process)
    program = children_of(process.pid)[0]
    wait_until(lambda: state_of(program) == "T", "the program to stop")
    time.sleep(0.2)
    process.send_signal(signal.SIGCONT)
    outcome = finish(process)
    assert (outcome.status, outcome.stdout) == (0, b"over\n")


def test_ignored_and_blocked_signals_of_the_parent_are_inherited_as_bare(twin):
    # nohup and its relatives: what scalene was started with is what the program starts with.
    twin.write("prog.py", """
        import signal
        print([n for n in signal.valid_signals() if signal.getsignal(n) == signal.SIG_IGN])
        print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
        print([line.split() for line in open("/proc/self/status") if line.startswith(("SigIgn", "SigBlk"))])
        """)

    def as_nohup():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR2, signal.SIGRTMAX, signal.SIGRTMIN, signal.SIGCHLD])

    twin.compare("prog.py", preexec_fn=as_nohup)


def test_a_parent_that_ignores_sigchld_changes_nothing(twin):
    twin.write("prog.py", "import subprocess, sys; sys.exit(subprocess.run(['sh', '-c', 'exit 3']).returncode + 1)")
    twin.compare("prog.py", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))


def test_scalene_dies_with_its_parents_wish_even_in_the_first_moment(twin):
    """A SIGTERM at any time after the start ends the run; nothing stays behind."""
    twin.write("prog.py", "import time; time.sleep(30)")
    for delay in (0.0, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08):
        process = start(twin, "prog.py")
        time.sleep(delay)
        children = children_of(process.pid)
        process.send_signal(signal.SIGTERM)
        assert finish(process).status == -signal.SIGTERM
        assert all(state_of(child) is None for child in children)
