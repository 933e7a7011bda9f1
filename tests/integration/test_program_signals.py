"""Signals, timers and masks of the program behave as without us, whatever it does to all signals at once."""

import re
import signal
import textwrap

import pytest

from support.twin import rows_of

# A second of work that every test here can put after what it does to the signals.
WORK = """
def work(seconds=0.6):
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))
"""


def write(twin, source):
    twin.write("prog.py", "import os, signal, sys, threading, time\n" + WORK + textwrap.dedent(source))


def assert_profiled(outcome, name="prog.py"):
    """The file was sampled: it has CPU time on its lines."""
    rows = rows_of(outcome.document, name)
    assert rows["percent_cpu_time"] > 50, rows["percent_cpu_time"]
    return outcome.document


@pytest.mark.short
def test_resetting_every_signal_to_its_default_is_harmless(twin):
    write(twin, """
        for number in range(1, 65):
            try:
                print(number, signal.signal(number, signal.SIG_DFL))
            except (OSError, ValueError) as error:
                print(number, error)
        work()
        print([signal.getsignal(n) for n in sorted(signal.valid_signals())])
        """)
    assert_profiled(twin.compare("prog.py"))


@pytest.mark.own_interpreter
def test_ignoring_every_signal_is_harmless(twin):
    write(twin, """
        for number in sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}):
            signal.signal(number, signal.SIG_IGN)
        print([line for line in open("/proc/self/status") if line.startswith("SigIgn")])
        work()
        """)
    # The kernel's own mask shows our number as caught, not ignored: only what Python reports is compared.
    bare, profiled = twin.bare("prog.py"), twin.profiled("prog.py")
    assert profiled.status == bare.status == 0
    assert_profiled(profiled)


@pytest.mark.short
def test_blocking_every_signal_is_harmless_and_looks_as_bare(twin):
    write(twin, """
        everything = set(range(1, 65)) - {32, 33}
        print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, everything)))
        work()
        print(sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))))
        print(sorted(map(int, signal.sigpending())))
        seen = []
        thread = threading.Thread(target=lambda: seen.extend(signal.pthread_sigmask(signal.SIG_BLOCK, [])))
        thread.start(); thread.join()
        print(sorted(map(int, seen)))
        print(sorted(map(int, signal.pthread_sigmask(signal.SIG_SETMASK, []))))
        """)
    assert_profiled(twin.compare("prog.py"))


def test_waiting_for_every_signal_only_sees_the_programs_own(twin):
    write(twin, """
        everything = signal.valid_signals()
        signal.pthread_sigmask(signal.SIG_BLOCK, everything)
        busy = threading.Thread(target=work)
        busy.start()
        print(signal.sigtimedwait(everything, 0.4))
        signal.alarm(1)
        print(signal.sigwait(everything))
        os.kill(os.getpid(), signal.SIGUSR1)
        information = signal.sigwaitinfo(everything)
        print(information.si_signo, information.si_pid == os.getpid())
        print(signal.sigtimedwait(everything, 0))
        work()
        print(signal.sigtimedwait(everything, 0.2))
        print(signal.sigpending())
        busy.join()
        """)
    assert_profiled(twin.compare("prog.py"))


@pytest.mark.own_interpreter
def test_signalfd_on_every_signal_only_sees_the_programs_own(twin, shared_library):
    library = shared_library("""
        #include <signal.h>
        #include <sys/signalfd.h>
        int open_for_all(void) { sigset_t all; sigfillset(&all); return signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC); }
        """, "signalfd")
    write(twin, f"""
        import ctypes, select
        descriptor = ctypes.CDLL("{library}").open_for_all()
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        work()
        print(select.select([descriptor], [], [], 0.1)[0] == [])
        os.kill(os.getpid(), signal.SIGUSR2)
        print(select.select([descriptor], [], [], 1)[0] == [descriptor], int.from_bytes(os.read(descriptor, 128)[:4], "little"))
        """)
    assert_profiled(twin.compare("prog.py"))


@pytest.mark.short
def test_handlers_for_every_real_time_signal_run_exactly_when_sent(twin):
    write(twin, """
        seen = []
        for number in range(signal.SIGRTMIN, signal.SIGRTMAX + 1):
            print(number, signal.signal(number, lambda n, frame: seen.append(n)))
        work(0.3)
        print("unasked", seen)
        for number in range(signal.SIGRTMIN, signal.SIGRTMAX + 1):
            os.kill(os.getpid(), number)
            os.kill(os.getpid(), number)
        work(0.3)
        print(sorted(seen))
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_profiling_goes_on_when_the_program_takes_the_highest_signals(twin):
    write(twin, """
        seen = []
        for number in range(signal.SIGRTMAX - 3, signal.SIGRTMAX + 1):
            signal.signal(number, lambda n, frame: seen.append(n))
        work()
        signal.pthread_kill(threading.get_ident(), signal.SIGRTMAX)
        print(seen)
        """)
    document = assert_profiled(twin.compare("prog.py"))
    assert document["ext"]["totals"]["cpu_samples"] >= 15


@pytest.mark.own_interpreter
def test_c_code_that_asks_for_every_disposition_sees_bare_answers(twin, shared_library):
    library = shared_library("""
        #include <signal.h>
        #include <stdio.h>
        #include <string.h>
        static void mine(int number, siginfo_t *information, void *context) { (void)number; (void)information; (void)context; }
        static void plain(int number) { (void)number; }
        void report(void) {
          for (int number = 1; number <= 64; number++) {
            struct sigaction old, set, again;
            memset(&old, 0, sizeof old);
            int answer = sigaction(number, NULL, &old);
            printf("%d %d %p %x", number, answer, old.sa_handler == SIG_DFL ? 0 : (void *)1, (unsigned)old.sa_flags & ~0x04000000u);
            if (number == SIGKILL || number == SIGSTOP || answer != 0 || number < 34) { puts(""); continue; }
            memset(&set, 0, sizeof set);
            set.sa_sigaction = mine;
            set.sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER;
            sigaddset(&set.sa_mask, SIGUSR1);
            answer = sigaction(number, &set, &old);
            sigaction(number, NULL, &again);
            printf(" %d %d %x %d", answer, again.sa_sigaction == mine, (unsigned)again.sa_flags & ~0x04000000u,
                   sigismember(&again.sa_mask, SIGUSR1));
            printf(" %d", signal(number, plain) == (void (*)(int))mine);
            printf(" %d\\n", signal(number, SIG_DFL) == plain);
          }
          fflush(stdout);
        }
        """, "dispositions")
    write(twin, f"""
        import ctypes
        ctypes.CDLL("{library}").report()
        work()
        """)
    assert_profiled(twin.compare("prog.py"))


@pytest.mark.own_interpreter
def test_our_signal_number_used_by_c_with_queued_values_arrives_whole(twin, shared_library):
    # A library (glibc's timer_create, aio, a JIT) that takes real-time numbers from the top, and queues to itself.
    library = shared_library("""
        #include <signal.h>
        #include <stdatomic.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        static atomic_int calls, total, foreign;
        static void count(int number, siginfo_t *information, void *context) {
          (void)number; (void)context;
          if (information->si_code == SI_QUEUE) { calls++; total += information->si_value.sival_int; } else foreign++;
        }
        void take_all(void) {
          struct sigaction set;
          memset(&set, 0, sizeof set);
          set.sa_sigaction = count;
          set.sa_flags = SA_SIGINFO | SA_RESTART;
          for (int number = 40; number <= 64; number++) sigaction(number, &set, NULL);
        }
        void queue_all(int value) {
          for (int number = 40; number <= 64; number++) sigqueue(getpid(), number, (union sigval){.sival_int = value});
        }
        int called(void) { return calls; }
        int sum(void) { return total; }
        int not_ours(void) { return foreign; }
        """, "queued")
    write(twin, f"""
        import ctypes
        library = ctypes.CDLL("{library}")
        work(0.2)
        library.take_all()
        for value in range(1, 9):
            work(0.05)
            library.queue_all(value)
        work(0.1)
        print(library.called(), library.sum(), library.not_ours())
        """)
    assert b"200 900 0" in twin.compare("prog.py").stdout


@pytest.mark.own_interpreter
def test_interval_timers_tick_as_bare(twin):
    # Row 12: the same ticks in 5 s (±1), by wall clock and by CPU time.
    write(twin, """
        ticks = {"real": 0, "virtual": 0, "prof": 0}
        def count(name):
            def handler(number, frame):
                ticks[name] += 1
            return handler
        signal.signal(signal.SIGALRM, count("real"))
        signal.signal(signal.SIGVTALRM, count("virtual"))
        signal.signal(signal.SIGPROF, count("prof"))
        signal.setitimer(signal.ITIMER_REAL, 0.25, 0.25)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.1, 0.1)
        signal.setitimer(signal.ITIMER_PROF, 0.1, 0.1)
        start, user, cpu = time.monotonic(), os.times().user, time.process_time()
        while time.monotonic() - start < 4.85:
            sum(range(1000))
        for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            signal.setitimer(which, 0)
        expected = (time.monotonic() - start) / 0.25, (os.times().user - user) / 0.1, (time.process_time() - cpu) / 0.1
        for got, wanted in zip(ticks.values(), expected):
            print(abs(got - wanted) <= 2)
        print(ticks, expected, file=open("ticks", "w"))
        """)
    outcome = twin.profiled("prog.py")
    assert outcome.stdout == b"True\nTrue\nTrue\n", (twin.directory / "ticks").read_text()
    assert_profiled(outcome)


@pytest.mark.own_interpreter
def test_alarms_interrupt_sleeps_and_restart_nothing_else(twin):
    write(twin, """
        class Alarm(Exception): pass
        def ring(number, frame): raise Alarm
        signal.signal(signal.SIGALRM, ring)
        for wait in (lambda: time.sleep(10), lambda: os.read(os.pipe()[0], 1), lambda: threading.Event().wait(10),
                     lambda: signal.pause()):
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            begin = time.monotonic()
            try:
                wait()
            except Alarm:
                print("rung", time.monotonic() - begin < 5)
        print(signal.alarm(100), 99 <= signal.alarm(0) <= 100)
        signal.siginterrupt(signal.SIGALRM, False)
        print(signal.getsignal(signal.SIGALRM) is ring)
        """)
    twin.compare("prog.py")


@pytest.mark.own_interpreter
def test_timer_create_of_the_program_uses_its_own_signal(twin, shared_library):
    library = shared_library("""
        #include <signal.h>
        #include <stdatomic.h>
        #include <string.h>
        #include <time.h>
        static atomic_int ticks;
        static void count(int number) { (void)number; ticks++; }
        static timer_t timer;
        void begin(int number) {
          struct sigaction set;
          memset(&set, 0, sizeof set);
          set.sa_handler = count;
          set.sa_flags = SA_RESTART;
          sigaction(number, &set, NULL);
          struct sigevent event;
          memset(&event, 0, sizeof event);
          event.sigev_notify = SIGEV_SIGNAL;
          event.sigev_signo = number;
          timer_create(CLOCK_MONOTONIC, &event, &timer);
          struct itimerspec period = {{0, 50000000}, {0, 50000000}};
          timer_settime(timer, 0, &period, NULL);
        }
        int end(void) { timer_delete(timer); return ticks; }
        """, "timer")
    write(twin, f"""
        import ctypes
        library = ctypes.CDLL("{library}")
        library.begin(int(sys.argv[1]))
        start = time.monotonic()
        while time.monotonic() - start < 1.02:
            sum(range(1000))
        seconds = time.monotonic() - start
        print(abs(library.end() - seconds / 0.05) <= 2)
        """)
    for number in (signal.SIGRTMIN, signal.SIGRTMAX, signal.SIGRTMAX - 1):
        assert twin.profiled("prog.py", str(int(number))).stdout == b"True\n"


@pytest.mark.own_interpreter
def test_the_wakeup_descriptor_gets_only_the_programs_signals(twin):
    write(twin, """
        import socket
        reader, writer = socket.socketpair()
        reader.setblocking(False); writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno())
        signal.signal(signal.SIGUSR1, lambda n, f: None)
        work()
        os.kill(os.getpid(), signal.SIGUSR1)
        work(0.05)
        print(reader.recv(100))
        """)
    assert_profiled(twin.compare("prog.py"))


@pytest.mark.own_interpreter
def test_asyncio_signal_handlers_work(twin):
    write(twin, """
        import asyncio
        async def main():
            loop, got = asyncio.get_running_loop(), []
            for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGRTMAX):
                loop.add_signal_handler(number, got.append, int(number))
                os.kill(os.getpid(), number)
            work(0.3)
            await asyncio.sleep(0.1)
            process = await asyncio.create_subprocess_exec("sh", "-c", "exit 3")
            print(sorted(got), await process.wait())
        asyncio.run(main())
        """)
    assert_profiled(twin.compare("prog.py"))


@pytest.mark.short
def test_faulthandler_works(twin):
    # Row 11.
    write(twin, """
        import ctypes, faulthandler
        faulthandler.enable()
        faulthandler.register(signal.SIGUSR1)
        faulthandler.register(signal.SIGRTMAX, all_threads=False)
        work(0.2)
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGRTMAX)
        faulthandler.dump_traceback_later(0.2)
        time.sleep(0.4)
        ctypes.string_at(8)
        """)
    bare, profiled = twin.bare("prog.py"), twin.profiled("prog.py")

    def shape(text):  # the places are the same, the thread's number is not
        return [re.sub(r"0x[0-9a-f]+", "0x", line) for line in text.splitlines()]

    assert profiled.status == bare.status == -signal.SIGSEGV
    assert shape(profiled.errors)[:len(shape(bare.errors))] == shape(bare.errors)
    assert profiled.document["ext"]["exit"] == {"signal": signal.SIGSEGV}


@pytest.mark.own_interpreter
@pytest.mark.parametrize("size", [2048 + 512, 8192, 65536])
def test_a_small_alternate_signal_stack_of_the_program_is_enough(twin, shared_library, size):
    library = shared_library("""
        #include <setjmp.h>
        #include <signal.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/auxv.h>
        static sigjmp_buf home;
        static void escape(int number) { (void)number; siglongjmp(home, 1); }
        #pragma GCC diagnostic ignored "-Winfinite-recursion"
        static int deeper(volatile char *above) {
          volatile char here[512];
          here[0] = above ? above[0] : 1;
          return deeper(here) + here[0];
        }
        /* The kernel's own least size comes on top of `size`: with wide registers the signal frame alone needs most of it. */
        int overflow(int size) {
          stack_t stack;
          memset(&stack, 0, sizeof stack);
          stack.ss_size = (size_t)size + getauxval(AT_MINSIGSTKSZ);
          stack.ss_sp = malloc(stack.ss_size);
          if (sigaltstack(&stack, NULL)) return -1;
          struct sigaction set;
          memset(&set, 0, sizeof set);
          set.sa_handler = escape;
          set.sa_flags = SA_ONSTACK;
          sigaction(SIGSEGV, &set, NULL);
          if (sigsetjmp(home, 1)) return 1;
          return deeper(NULL);
        }
        int on_stack(void) { stack_t stack; sigaltstack(NULL, &stack); return stack.ss_flags; }
        """, "altstack")
    write(twin, f"""
        import ctypes
        library = ctypes.CDLL("{library}")
        def attempt():
            print(library.overflow({size}))
            work(0.4)
            print(library.overflow({size}), library.on_stack())
        thread = threading.Thread(target=attempt)
        thread.start(); thread.join()
        work(0.2)
        """)
    assert_profiled(twin.compare("prog.py"))


@pytest.mark.own_interpreter
def test_children_of_a_program_that_blocks_everything_are_measured_or_missed_openly(twin):
    # Row 14: masks inherited by children silenced them.
    write(twin, """
        import subprocess
        if len(sys.argv) > 1:
            work(1.0)
            print("worked")
        else:
            signal.pthread_sigmask(signal.SIG_BLOCK, set(range(1, 65)) - {32, 33})
            print(subprocess.run([sys.executable, "prog.py", "child"], stdout=subprocess.PIPE).stdout)
        """)
    document = assert_profiled(twin.compare("prog.py"))
    children = [row for row in document["ext"]["processes"] if row["how"] != "root"]
    assert len(children) == 1
    assert children[0].get("samples", 0) >= 20 or document["ext"]["losses"]["capture"]["signal_blocked_ms"] >= 500


@pytest.mark.own_interpreter
def test_native_threads_that_block_every_signal_are_measured_or_missed_openly(twin, shared_library):
    library = shared_library("""
        #include <pthread.h>
        #include <signal.h>
        #include <time.h>
        static void *spin(void *unused) {
          sigset_t all; sigfillset(&all);
          pthread_sigmask(SIG_SETMASK, &all, NULL);
          struct timespec now;
          do { clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); } while (now.tv_sec < 1);
          return unused;
        }
        void run(void) { pthread_t thread; pthread_create(&thread, NULL, spin, NULL); pthread_join(thread, NULL); }
        """, "spinner")
    write(twin, f"""
        import ctypes
        ctypes.CDLL("{library}").run()
        """)
    document = twin.compare("prog.py").document
    totals, losses = document["ext"].get("totals", {}), document["ext"].get("losses", {})
    seen = totals.get("python_sec", 0) + totals.get("native_sec", 0) + totals.get("kernel_sec", 0)
    seen += document["ext"].get("outside", {}).get("sec", 0)
    assert seen >= 0.8 or losses.get("lost_percent", 0) > 50 or losses.get("capture", {}).get("signal_blocked_ms", 0) > 500


@pytest.mark.own_interpreter
def test_a_new_image_after_exec_never_gets_our_signal(twin, executable):
    program = executable("""
        #include <stdio.h>
        #include <time.h>
        int main(void) {
          struct timespec now;
          do { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); } while (now.tv_sec < 1);
          puts("unharmed");
          return 0;
        }
        """, "spin")
    write(twin, f"""
        work(0.2)
        for thread in range(3):
            threading.Thread(target=work, args=(5,), daemon=True).start()
        work(0.2)
        os.execv({str(program)!r}, ["spin"])
        """)
    assert twin.compare("prog.py").stdout == b"unharmed\n"
