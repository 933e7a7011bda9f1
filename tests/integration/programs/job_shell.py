"""A shell with just enough job control: job_shell.py REPORT_FD fg|bg COMMAND...

Runs one job in a process group of its own, in the foreground or background, and reports "started PID", "stopped SIGNAL",
"ended exit N" and "ended signal N" on REPORT_FD. SIGUSR1 is `fg`. Ends when its job has ended and the terminal is closed;
SIGHUP ends it at once and hangs up the job, as a closed terminal does.
"""

import os
import signal
import sys
import time

report_fd, mode, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
os.set_inheritable(report_fd, False)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGTTIN, signal.SIG_IGN)
signal.signal(signal.SIGTSTP, signal.SIG_IGN)


def report(text):
    os.write(report_fd, text.encode() + b"\n")


def start():
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        if mode == "fg":
            os.tcsetpgrp(0, os.getpid())
        for number in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP):
            signal.signal(number, signal.SIG_DFL)
        os.execvp(command[0], command)
    try:
        os.setpgid(job, job)
    except PermissionError:
        pass  # the job was faster
    if mode == "fg":
        os.tcsetpgrp(0, job)
    return job


def to_foreground(number, frame):
    os.tcsetpgrp(0, job)
    os.killpg(job, signal.SIGCONT)


def hang_up(number, frame):
    os.killpg(job, signal.SIGHUP)
    os.killpg(job, signal.SIGCONT)


job = start()
signal.signal(signal.SIGUSR1, to_foreground)
signal.signal(signal.SIGHUP, hang_up)
report(f"started {job}")
while True:
    _, status = os.waitpid(job, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        os.tcsetpgrp(0, os.getpgrp())
        report(f"stopped {os.WSTOPSIG(status)}")
    else:
        break
report(f"ended exit {os.WEXITSTATUS(status)}" if os.WIFEXITED(status) else f"ended signal {os.WTERMSIG(status)}")
os.tcsetpgrp(0, os.getpgrp())
signal.signal(signal.SIGHUP, signal.SIG_DFL)
while True:
    time.sleep(60)
