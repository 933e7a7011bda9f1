"""At a terminal: Ctrl-C, Ctrl-Z, Ctrl-\\, background jobs. A small shell with job control runs the job."""

import os
import pty
import re
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from support.profile_check import check_profile
from support.twin import children_of, state_of, wait_until

pytestmark = pytest.mark.own_interpreter

SHELL = Path(__file__).parent / "programs" / "job_shell.py"


class Terminal:
    """A pseudo-terminal with `job_shell.py` on it. The shell reports what its job does on a pipe of its own."""

    def __init__(self, twin, command, background=False):
        reports, writer = os.pipe()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.set_inheritable(writer, True)
            os.chdir(twin.directory)
            os.execve(sys.executable, [sys.executable, str(SHELL), str(writer), "bg" if background else "fg", *command],
                      twin.environment({"TERM": "xterm"}))
        os.set_inheritable(self.master, False)  # or the next terminal's shell would keep this one open
        os.close(writer)
        self.reports = reports
        self.screen = b""
        self.reported = b""
        self.job = int(self.wait_report(rb"started (\d+)\n").group(1))

    def type(self, keys):
        os.write(self.master, keys)

    def wait_screen(self, pattern, limit=20):
        return self._wait(pattern, limit, lambda: self.screen)

    def wait_report(self, pattern, limit=20):
        return self._wait(pattern, limit, lambda: self.reported)

    def foreground(self):
        """Like the shell's `fg`."""
        os.kill(self.pid, signal.SIGUSR1)

    def close(self):
        os.close(self.master)  # hangs up
        os.close(self.reports)
        os.waitpid(self.pid, 0)

    def _wait(self, pattern, limit, text):
        end = time.monotonic() + limit
        while not re.search(pattern, text()):
            assert time.monotonic() < end, f"no {pattern!r}; screen {self.screen!r}, reports {self.reported!r}"
            self._read(0.1)
        return re.search(pattern, text())

    def _read(self, seconds):
        ready, _, _ = select.select([self.master, self.reports], [], [], seconds)
        for descriptor in ready:
            try:
                data = os.read(descriptor, 65536)
            except OSError:
                data = b""
            if descriptor == self.master:
                self.screen += data
            else:
                self.reported += data


@pytest.fixture
def terminal(twin):
    opened = []

    def open_terminal(*words, profiled=True, background=False, options=()):
        profile = twin.new_profile_path()
        command = twin.command(*words, options=options, profile=profile) if profiled else [twin.python, *words]
        opened.append(Terminal(twin, command, background))
        opened[-1].profile = profile
        return opened[-1]

    yield open_terminal
    for each in opened:
        each.close()


def test_ctrl_c_runs_the_programs_handler_once(twin, terminal):
    twin.write("prog.py", """
        import time
        count = 0
        while True:
            try:
                print("ready", flush=True)
                time.sleep(5)
                break
            except KeyboardInterrupt:
                count += 1
                print("interrupt", count, flush=True)
                end = time.monotonic() + 0.5
                try:
                    while time.monotonic() < end:
                        time.sleep(0.01)
                except KeyboardInterrupt:
                    print("twice!")
                raise SystemExit(130)
        """)
    at = terminal("prog.py")
    at.wait_screen(b"ready")
    at.type(b"\x03")
    assert at.wait_report(rb"ended (.*)\n").group(1) == b"exit 130"
    at.wait_screen(b"interrupt 1")
    assert b"twice" not in at.screen
    assert check_profile(at.profile)["ext"]["exit"] == {"status": 130}


def test_ctrl_c_without_a_handler_kills_as_bare(twin, terminal):
    # Row 20: Ctrl-C used to end with status 0.
    twin.write("prog.py", "import time\nprint('ready', flush=True)\ntime.sleep(30)\n")
    ends = []
    for profiled in (False, True):
        at = terminal("prog.py", profiled=profiled)
        at.wait_screen(b"ready")
        at.type(b"\x03")
        ends.append((at.wait_report(rb"ended (.*)\n").group(1), at.wait_screen(rb"KeyboardInterrupt\r\n") is not None))
    assert ends[0] == ends[1] == (b"signal 2", True)
    assert check_profile(at.profile)["ext"]["exit"] == {"signal": 2}


def test_ctrl_backslash_kills_as_bare(twin, terminal):
    twin.write("prog.py", "import time\nprint('ready', flush=True)\ntime.sleep(30)\n")
    at = terminal("prog.py")
    at.wait_screen(b"ready")
    at.type(b"\x1c")
    assert at.wait_report(rb"ended (.*)\n").group(1) == b"signal 3"
    assert check_profile(at.profile)


def test_ctrl_z_stops_both_and_fg_continues_both(twin, terminal):
    twin.write("prog.py", "import time\nprint('ready', flush=True)\ntime.sleep(0.5)\nprint('over')\n")
    at = terminal("prog.py")
    at.wait_screen(b"ready")
    program = children_of(at.job)[0]
    at.type(b"\x1a")
    at.wait_report(rb"stopped 20\n")
    wait_until(lambda: state_of(program) == "T" and state_of(at.job) == "T", "both to stop")
    time.sleep(0.3)
    assert state_of(program) == "T"
    at.foreground()
    at.wait_screen(b"over")
    assert at.wait_report(rb"ended (.*)\n").group(1) == b"exit 0"
    assert check_profile(at.profile)


def test_a_background_job_that_reads_the_terminal_stops_until_fg(twin, terminal):
    twin.write("prog.py", "print('ready', flush=True)\nprint('got', input())\n")
    at = terminal("prog.py", background=True)
    at.wait_report(rb"stopped 21\n")
    at.foreground()
    time.sleep(0.2)
    at.type(b"hello\n")
    at.wait_screen(b"got hello")
    assert at.wait_report(rb"ended (.*)\n").group(1) == b"exit 0"


def test_a_background_job_says_which_process_is_profiled(twin, terminal):
    twin.write("prog.py", "import os\nprint('program', os.getpid(), flush=True)\n")
    at = terminal("prog.py", background=True)
    pid = at.wait_screen(rb"program (\d+)").group(1)
    at.wait_report(rb"ended exit 0\n")
    assert b"Scalene now profiling process " + pid in at.screen


def test_a_foreground_job_prints_nothing_before_the_program(twin, terminal):
    twin.write("prog.py", "print('first')\n")
    at = terminal("prog.py")
    at.wait_report(rb"ended exit 0\n")
    at.wait_screen(b"first\r\n")
    assert at.screen.startswith(b"first\r\n")


def test_the_program_keeps_terminal_session_and_group(twin, terminal):
    twin.write("prog.py", """
        import os, sys, termios
        print("group", os.getpgrp() == os.tcgetpgrp(0), os.getsid(0) == os.getsid(os.getppid()))
        print("names", os.ttyname(0) == os.ttyname(1) == os.ttyname(2), os.ctermid(), sys.stdout.isatty())
        print("settings", termios.tcgetattr(0)[:4])
        print("size", os.get_terminal_size())
        open("group", "w").write(f"{os.getpgrp()} {os.getppid()} {os.getpid()}")
        os.close(os.open("/dev/tty", os.O_RDWR))
        print("end")
        """)
    screens = []
    for profiled in (False, True):
        at = terminal("prog.py", profiled=profiled)
        at.wait_report(rb"ended exit 0\n")
        at.wait_screen(b"end\r\n")
        screens.append(at.screen[:at.screen.index(b"end\r\n")])
    assert screens[0] == screens[1]
    group, parent, pid = map(int, (twin.directory / "group").read_text().split())
    assert group == at.job == parent and pid != group


def test_a_hangup_of_the_terminal_ends_the_program(twin, terminal):
    twin.write("prog.py", """
        import os, time
        open("pid", "w").write(str(os.getpid()))
        print("ready", flush=True)
        time.sleep(30)
        """)
    at = terminal("prog.py")
    at.wait_screen(b"ready")
    program = int((twin.directory / "pid").read_text())
    os.kill(at.pid, signal.SIGHUP)
    wait_until(lambda: state_of(program) in (None, "Z"), "the program to end")
    wait_until(lambda: state_of(at.job) in (None, "Z"), "scalene to end")
    assert check_profile(at.profile)["ext"]["exit"] == {"signal": 1}
