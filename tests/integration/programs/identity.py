"""Writes down everything a program can see of its own surroundings, as JSON on stdout, without timing or addresses.

Runs on every CPython from 3.8 on. What differs from run to run by itself (pids, addresses, inode numbers) is left out or
replaced by a word.
"""

import builtins
import gc
import importlib
import json
import os
import pickle
import re
import sys

MODULES_AT_START = sorted(sys.modules)
MAIN_AT_START = {name: type(value).__name__ for name, value in list(globals().items())}
BUILTINS_AT_START = {name: type(value).__name__ for name, value in vars(builtins).items()}
TASKS_AT_START = len(os.listdir("/proc/self/task"))
DESCRIPTORS_AT_START = os.listdir("/proc/self/fd")


class Marker:
    """Pickled to see under which module name."""


def plain(value):
    """The value's repr without addresses."""
    return re.sub(r"0x[0-9a-f]+", "0x...", repr(value))


def functions_of(*names):
    """What every public name of some modules is: kind, home and repr. A wrapper would have another one."""
    found = {}
    for module_name in names:
        module = importlib.import_module(module_name)
        for name, value in sorted(vars(module).items()):
            if callable(value):
                found[module_name + "." + name] = [
                    type(value).__name__, str(getattr(value, "__module__", None)),
                    str(getattr(value, "__qualname__", None)), plain(value)[:200]]
    return found


def signals():
    import signal

    return {
        "handlers": {str(int(number)): plain(signal.getsignal(number)) for number in signal.valid_signals()},
        "blocked": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
        "pending": sorted(map(int, signal.sigpending())),
        "timers": [signal.getitimer(which) for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)],
        "wakeup": signal.set_wakeup_fd(-1),
        "alarm": signal.alarm(0),
    }


def system():
    names = ["executable", "argv", "orig_argv", "path", "prefix", "base_prefix", "exec_prefix", "base_exec_prefix",
             "platlibdir", "version", "warnoptions", "_xoptions", "dont_write_bytecode", "pycache_prefix", "byteorder",
             "hexversion", "_base_executable", "tracebacklimit", "ps1", "stdlib_dir", "_git"]
    calls = ["getrecursionlimit", "getswitchinterval", "gettrace", "getprofile", "getdlopenflags", "getdefaultencoding",
             "getfilesystemencoding", "getfilesystemencodeerrors", "get_asyncgen_hooks", "is_finalizing",
             "get_coroutine_origin_tracking_depth", "get_int_max_str_digits", "_is_gil_enabled", "is_stack_trampoline_active"]
    found = {name: plain(getattr(sys, name, "absent")) for name in names}
    found.update({name: plain(getattr(sys, name)()) if hasattr(sys, name) else "absent" for name in calls})
    found["flags"] = plain(sys.flags)
    found["hooks"] = [sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__,
                      sys.unraisablehook is sys.__unraisablehook__, sys.breakpointhook is sys.__breakpointhook__]
    found["finders"] = [plain(sys.meta_path), plain(sys.path_hooks), sorted(sys.path_importer_cache)]
    found["streams"] = [[stream.encoding, stream.errors, stream.line_buffering, stream.isatty(), stream.name, stream.mode]
                        for stream in (sys.stdin, sys.stdout, sys.stderr) if stream is not None]
    found["frame below the program"] = plain(sys._getframe(1).f_back)
    if hasattr(sys, "monitoring"):
        found["monitoring"] = [plain(sys.monitoring.get_tool(tool)) for tool in range(6)]
    return found


def process():
    import resource

    interesting = ("Umask", "NoNewPrivs", "Seccomp", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "Groups",
                   "SigIgn", "SigBlk", "SigPnd", "ShdPnd", "TracerPid", "CoreDumping", "THP_enabled")
    with open("/proc/self/status") as file:
        status = {line.split(":")[0]: line.split()[1:] for line in file}
    return {
        "status": {name: status.get(name) for name in interesting},
        "threads": TASKS_AT_START,
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT")},
        "descriptors": descriptors(),
        "command line": open("/proc/self/cmdline").read().split("\0"),
        "comm": open("/proc/self/comm").read(),
        "executable": os.readlink("/proc/self/exe"),
        "scheduling": [os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), sorted(os.sched_getaffinity(0))],
        "small files": {name: read("/proc/self/" + name) for name in
                        ("personality", "oom_score_adj", "coredump_filter", "timerslack_ns", "loginuid", "cgroup")},
        "prctl": prctl(),
        "ids": [os.getuid(), os.geteuid(), os.getgid(), os.getegid(), os.getgroups()],
        "place": [os.getcwd(), os.umask(os.umask(0))],
        "no child": no_child(),
    }


def prctl():
    """What the process has set for itself and its parent's death: every value that can be read back."""
    import ctypes

    libc = ctypes.CDLL(None)
    found = {}
    for name, number in (("pdeathsig", 2), ("subreaper", 37), ("tsc", 25)):
        value = ctypes.c_int(-1)
        found[name] = [libc.prctl(number, ctypes.byref(value), 0, 0, 0), value.value]
    for name, number in (("dumpable", 3), ("keepcaps", 7), ("timing", 13), ("securebits", 27), ("timerslack", 30),
                         ("no_new_privs", 39), ("thp_disable", 42)):
        found[name] = libc.prctl(number, 0, 0, 0, 0)
    return found


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError as error:
        return error.strerror


def descriptors():
    found = {}
    for descriptor in sorted(DESCRIPTORS_AT_START, key=int):
        try:
            target = os.readlink("/proc/self/fd/" + descriptor)
        except OSError:
            continue  # the one that listed the directory
        found[descriptor] = [re.sub(r"\d+", "N", target), os.get_inheritable(int(descriptor))]
    return found


def no_child():
    try:
        return list(os.waitpid(-1, os.WNOHANG))
    except ChildProcessError as error:
        return error.errno


def libraries():
    import asyncio
    import atexit
    import faulthandler
    import locale
    import multiprocessing.spawn
    import pickle
    import tempfile
    import threading
    import tracemalloc
    import warnings

    return {
        "start method": [multiprocessing.get_start_method(allow_none=True), multiprocessing.get_start_method(),
                         multiprocessing.get_all_start_methods()],
        "multiprocessing executable": plain(multiprocessing.spawn.get_executable()),
        "process class": plain(multiprocessing.Process), "thread class": plain(threading.Thread),
        "locks": [plain(type(threading.Lock())), plain(type(threading.RLock())), plain(threading.Lock)],
        "threads": [[thread.name, thread.daemon] for thread in threading.enumerate()],
        "thread hooks": [plain(threading.excepthook), threading.stack_size()],
        "event loop": plain(type(asyncio.new_event_loop())),
        "exit callbacks": atexit._ncallbacks(),
        "faulthandler": faulthandler.is_enabled(),
        "locale": [locale.setlocale(locale.LC_ALL), locale.getpreferredencoding()],
        "pickle": pickle.dumps(Marker, 2).decode("latin-1"),
        "unpickled": pickle.loads(pickle.dumps(Marker())).__class__ is Marker,
        "temporary directory": tempfile.gettempdir(),
        "tracemalloc": tracemalloc.is_tracing(),
        "warnings": plain(warnings.filters),
        "garbage collector": [gc.isenabled(), gc.get_threshold(), gc.get_debug(), plain(gc.callbacks), gc.get_freeze_count()],
        "counts as main": Marker.__module__,
    }


if __name__ == "__main__":
    json.dump({
        "modules": MODULES_AT_START,
        "main": MAIN_AT_START,
        "main spec": [plain(globals().get(name)) for name in ("__spec__", "__file__", "__cached__", "__package__", "__name__")],
        "builtins": BUILTINS_AT_START,
        "environment": dict(os.environ),
        "environment of C": read("/proc/self/environ").split("\0"),
        "system": system(),
        "signals": signals(),
        "process": process(),
        "libraries": libraries(),
        "functions": functions_of("os", "posix", "signal", "_signal", "sys", "time", "threading", "_thread", "builtins",
                                  "multiprocessing", "multiprocessing.process", "multiprocessing.synchronize",
                                  "subprocess", "_posixsubprocess", "select", "selectors", "atexit", "gc", "faulthandler",
                                  "asyncio", "asyncio.events", "queue", "socket", "contextlib", "pickle", "warnings",
                                  "importlib", "runpy", "concurrent.futures.thread", "concurrent.futures.process"),
    }, sys.stdout, indent=1, default=str)
