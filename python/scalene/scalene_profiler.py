"""start() and stop() for programs: resume and suspend profiling from inside a program that runs under `scalene run`.

In a plain Python process they warn and do nothing: loading the profiler into a running process comes with a later
version. They never end the program.
"""

import ctypes
import os
import sys
import warnings
from contextlib import contextmanager

__all__ = ["enable_profiling", "start", "stop"]

_OUTSIDE = ("Scalene: %s() has no effect here: this version profiles programs started with `scalene run` "
            "(try `scalene run %s`).")
_UNREACHABLE = "Scalene: %s() has no effect: this process runs under `scalene run`, but is not being profiled."


def start():
    """Resumes profiling (also after `scalene run --off`). Calling it twice is as good as once."""
    _switch("start", True)


def stop():
    """Suspends profiling. What happens until the next start() is in no metric."""
    _switch("stop", False)


@contextmanager
def enable_profiling():
    """Profiles the block and suspends again at its end, whichever way it ends."""
    start()
    try:
        yield
    finally:
        stop()


def _switch(name, on):
    switch = _agent_switch()
    if switch is not None and switch(1 if on else 0) == 0:
        return
    if "SCALENE_COLLECTOR" in os.environ:
        warnings.warn(_UNREACHABLE % name, RuntimeWarning, stacklevel=3)
    else:
        warnings.warn(_OUTSIDE % (name, _program()), RuntimeWarning, stacklevel=3)


def _agent_switch():
    """The preloaded agent's own switch: int scalene_switch(int on), 0 if this process is being profiled."""
    try:
        return ctypes.CDLL(None).scalene_switch
    except (AttributeError, OSError):
        return None


def _program():
    return sys.argv[0] if sys.argv and sys.argv[0] not in ("", "-c", "-") else "prog.py"
