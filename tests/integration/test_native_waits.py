"""Waits in native code: nothing of ours ends or wraps them, and what the program sends itself still does.

A thread that is blocked is never interrupted by us, so C code that does not expect EINTR never sees one (rows 13, 48).
"""

import re

import pytest

pytestmark = pytest.mark.own_interpreter

# Loops over the waits that C code makes, counting those that end with EINTR, on a thread that also burns CPU between
# them: its CPU timer keeps firing close to the moments at which it blocks.
LIBRARY = r"""
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>
enum { POLL, PPOLL, SELECT, EPOLL, NANOSLEEP, READ, KINDS };
static const char *const kNames[KINDS] = {"poll", "ppoll", "select", "epoll_wait", "nanosleep", "read"};
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static int spin(int turns) { volatile int sum = 0; for (int i = 0; i < turns; i++) sum += i; return sum; }
/* Waits for `seconds`; counts[kind] calls and interrupted[kind]. `pipe_end` becomes readable now and then. */
long waits(double seconds, int pipe_end, long *counts, long *interrupted) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, pipe_end, &event);
  double end = now() + seconds;
  long rounds = 0;
  while (now() < end) {
    for (int kind = 0; kind < KINDS; kind++) {
      int answer = 0;
      struct timespec brief = {0, 50000};
      struct timeval brief_too = {0, 50};
      struct pollfd none = {-1, POLLIN, 0};
      char byte;
      spin(2000);
      errno = 0;
      switch (kind) {
        case POLL: answer = poll(&none, 1, rounds % 50 == 0); break;
        case PPOLL: answer = ppoll(&none, 1, &brief, NULL); break;
        case SELECT: answer = select(0, NULL, NULL, NULL, &brief_too); break;
        case EPOLL: answer = epoll_wait(epoll, &event, 1, rounds % 50 == 0); break;
        case NANOSLEEP: answer = nanosleep(&brief, NULL); break;
        case READ: answer = (int)read(pipe_end, &byte, 1); break;
      }
      counts[kind]++;
      if (answer < 0 && errno == EINTR) interrupted[kind]++;
    }
    rounds++;
  }
  close(epoll);
  return rounds;
}
const char *name(int kind) { return kNames[kind]; }
"""

PROGRAM = """
    import ctypes, os, sys, threading, time
    library = ctypes.CDLL(sys.argv[1])
    library.name.restype = ctypes.c_char_p
    library.waits.argtypes = [ctypes.c_double, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    seconds = float(sys.argv[2])
    counts, interrupted = (ctypes.c_long * 6)(), (ctypes.c_long * 6)()
    reader, writer = os.pipe()
    over = threading.Event()

    def feed():
        while not over.is_set():
            os.write(writer, b"x" * 64)
            time.sleep(0.0005)

    def burn():
        while not over.is_set():
            sum(range(500))

    for job in (feed, burn, burn):
        threading.Thread(target=job, daemon=True).start()
    waiters = []
    for _ in range(2):
        waiter = threading.Thread(target=library.waits, args=(seconds, reader, counts, interrupted))
        waiter.start()
        waiters.append(waiter)
    for waiter in waiters:
        waiter.join()
    over.set()
    os.write(writer, b"x" * 64)
    for kind in range(6):
        print(library.name(kind).decode(), interrupted[kind], "interrupted")
    print(min(counts), file=sys.stderr)
    """


def test_no_wait_in_c_ends_with_eintr(twin, shared_library, long_form):
    # Row 13.
    library = shared_library(LIBRARY, "waits")
    twin.write("prog.py", PROGRAM)
    bare = twin.bare("prog.py", library, "0.3")
    outcome = twin.profiled("prog.py", library, "10" if long_form else "3", options=["--cpu-sampling-rate", "0.001"])
    assert outcome.status == 0
    assert outcome.stdout == bare.stdout
    assert re.findall(rb"(\w+) (\d+) interrupted", outcome.stdout) == [
        (name, b"0") for name in (b"poll", b"ppoll", b"select", b"epoll_wait", b"nanosleep", b"read")]
    calls = int(re.search(rb"^\d+$", outcome.stderr, re.M).group())
    assert calls > 300, "too few waits to prove anything"
    assert outcome.document["ext"]["totals"]["cpu_samples"] > 100


def test_ctrl_c_still_interrupts_a_wait_in_c(twin, shared_library):
    library = shared_library("""
        #include <errno.h>
        #include <poll.h>
        int wait_long(void) { return poll(0, 0, 20000) < 0 ? errno : 0; }
        """, "waits")
    twin.write("prog.py", """
        import ctypes, errno, os, signal, sys, threading, time
        library = ctypes.CDLL(sys.argv[1])
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        begin = time.monotonic()
        try:
            print(errno.errorcode[library.wait_long()], flush=True)
            time.sleep(5)
        except KeyboardInterrupt:
            print("interrupted", time.monotonic() - begin < 5)
        """)
    assert twin.compare("prog.py", library).stdout.splitlines()[-1] == b"interrupted True"


def test_the_programs_own_timer_still_breaks_its_own_poll(twin, shared_library):
    # Row 48: 2.4 of the reference hides such an EINTR from the program.
    library = shared_library("""
        #include <errno.h>
        #include <poll.h>
        #include <signal.h>
        #include <string.h>
        #include <sys/epoll.h>
        #include <sys/select.h>
        #include <sys/time.h>
        static void nothing(int number) { (void)number; }
        int broken(int which) {
          struct sigaction set;
          memset(&set, 0, sizeof set);
          set.sa_handler = nothing;
          sigaction(SIGALRM, &set, 0);
          struct itimerval soon = {{0, 0}, {0, 100000}};
          setitimer(ITIMER_REAL, &soon, 0);
          struct timeval limit = {10, 0};
          struct epoll_event event;
          int answer = which == 0 ? poll(0, 0, 10000) : which == 1 ? select(0, 0, 0, 0, &limit)
                     : epoll_wait(epoll_create1(0), &event, 1, 10000);
          return answer < 0 ? errno : 0;
        }
        """, "waits")
    twin.write("prog.py", """
        import ctypes, errno, sys
        library = ctypes.CDLL(sys.argv[1])
        print([errno.errorcode.get(library.broken(which)) for which in range(3)])
        """)
    assert twin.compare("prog.py", library).stdout == b"['EINTR', 'EINTR', 'EINTR']\n"


def test_select_reports_the_time_left(twin, shared_library):
    # Row 48.
    library = shared_library("""
        #include <sys/select.h>
        #include <unistd.h>
        long time_left(int descriptor) {
          fd_set set;
          FD_ZERO(&set);
          FD_SET(descriptor, &set);
          struct timeval limit = {5, 0};
          select(descriptor + 1, &set, 0, 0, &limit);
          return limit.tv_sec * 1000000L + limit.tv_usec;
        }
        """, "waits")
    twin.write("prog.py", """
        import ctypes, os, sys, threading
        library = ctypes.CDLL(sys.argv[1])
        library.time_left.restype = ctypes.c_long
        reader, writer = os.pipe()
        threading.Timer(0.3, os.write, (writer, b"x")).start()
        print(0 < library.time_left(reader) < 4_800_000)
        """)
    assert twin.compare("prog.py", library).stdout == b"True\n"


def test_no_wait_of_libc_is_wrapped(twin):
    # Row 48: every one of them is libc's own, also by its address in the interpreter.
    twin.write("prog.py", """
        import ctypes, os
        def home(name):
            address = ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p).value
            for line in open("/proc/self/maps"):
                low, high = (int(bound, 16) for bound in line.split()[0].split("-"))
                if low <= address < high:
                    return os.path.basename(line.split()[-1])
        for name in ("poll", "ppoll", "select", "pselect", "epoll_wait", "epoll_pwait", "nanosleep", "clock_nanosleep",
                     "usleep", "sleep", "read", "recv", "recvmsg", "accept", "connect", "wait4", "waitpid", "pause",
                     "sigsuspend", "setitimer", "getitimer", "alarm", "timer_create", "timer_settime", "sem_wait",
                     "pthread_cond_wait", "pthread_cond_timedwait", "pthread_mutex_lock", "pthread_join", "kill", "raise",
                     "write", "open", "close", "dup2", "system", "popen", "posix_spawn", "getpid", "gettid", "times",
                     "clock_gettime", "getrusage", "sched_getaffinity", "setrlimit", "getenv", "setenv", "environ"):
            print(name, home(name))
        """)
    twin.compare("prog.py")
