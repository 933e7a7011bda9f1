"""Where the machine gives little (limits, directories, memory), the program runs as bare and the profile says what is missing."""

import os
import resource
import shutil
import subprocess

import pytest

from support.twin import Outcome, Profiled, assert_same

pytestmark = pytest.mark.own_interpreter

PROGRAM = """
    import os, subprocess, sys, threading, time
    def work(seconds=0.3):
        end = time.process_time() + seconds
        while time.process_time() < end:
            sum(range(1000))
    work()
    threads = [threading.Thread(target=work, args=(0.05,)) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    child = os.fork()
    if child == 0:
        work(0.1)
        os._exit(3)
    print(os.waitpid(child, 0)[1])
    print(subprocess.run(["sh", "-c", "echo sub"], stdout=subprocess.PIPE).stdout)
    """


def limited(what, soft, hard=None):
    return lambda: resource.setrlimit(what, (soft, soft if hard is None else hard))


@pytest.mark.parametrize("pending", [0, 1, 3, 20])
def test_few_pending_signals(twin, pending):
    twin.write("prog.py", PROGRAM)
    twin.compare("prog.py", preexec_fn=limited(resource.RLIMIT_SIGPENDING, pending))


@pytest.mark.parametrize("files", [10, 16, 32])
def test_few_descriptors(twin, files):
    twin.write("prog.py", PROGRAM)
    bare = twin.bare("prog.py", preexec_fn=limited(resource.RLIMIT_NOFILE, files))
    profiled = twin.profiled("prog.py", preexec_fn=limited(resource.RLIMIT_NOFILE, files))
    if profiled.status == 125:  # not enough for the collector itself: said before the program starts
        assert files < 32 and b"Scalene: " in profiled.stderr and profiled.stdout == b""
    else:
        assert_same(bare, profiled)
        assert profiled.document


def test_a_program_that_uses_up_its_descriptors_is_as_bare(twin):
    twin.write("prog.py", """
        import os, resource, time
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        opened = []
        try:
            while True:
                opened.append(os.open("/dev/null", os.O_RDONLY))
        except OSError as error:
            print(len(opened), error.strerror)
        child = os.fork()
        if child == 0:
            end = time.process_time() + 0.2
            while time.process_time() < end: pass
            os._exit(4)
        print(os.waitpid(child, 0)[1])
        """)
    twin.compare("prog.py")


def test_a_program_that_closes_every_descriptor_is_as_bare(twin):
    # As daemons do. What it closes must be its own only, and ours must not be among what it opens next.
    twin.write("prog.py", """
        import os, time
        os.closerange(3, 20000)
        first = os.open("/dev/null", os.O_RDONLY)
        end = time.process_time() + 0.5
        while time.process_time() < end: sum(range(1000))
        second = os.open("/dev/null", os.O_RDONLY)
        child = os.fork()
        if child == 0:
            os.closerange(3, 20000)
            end = time.process_time() + 0.3
            while time.process_time() < end: sum(range(1000))
            os._exit(os.open("/dev/null", os.O_RDONLY))
        print(first, second, os.waitpid(child, 0)[1] >> 8)
        """)
    outcome = twin.compare("prog.py")
    assert outcome.stdout == b"3 4 3\n"
    assert outcome.document["ext"]["totals"]["cpu_samples"] >= 30


def test_few_processes_and_threads(twin):
    if os.getuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("a limit on processes means nothing to root, and there is no setpriv")
    twin.write("prog.py", """
        import threading, time
        started = 0
        try:
            for _ in range(300):
                threading.Thread(target=time.sleep, args=(0.5,)).start()
                started += 1
        except RuntimeError as error:
            print(error)
        print(started)
        """)
    import tempfile
    from support.twin import Twin
    with tempfile.TemporaryDirectory(dir="/var/tmp") as public:
        os.chmod(public, 0o777)
        other = Twin(twin.binary, twin.python, public)
        shutil.copy(twin.directory / "prog.py", public)
        os.chmod(public + "/prog.py", 0o644)
        uid = 60000 + os.getpid() % 5000  # nobody else runs under it

        def run(command):
            become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if os.getuid() == 0 else []
            return other.run([*become, "sh", "-c", 'ulimit -u 60; exec "$@"', "sh", *command])

        bare = run([other.python, "prog.py"])
        profiled = run(other.command("prog.py", profile=public + "/out.json"))
        assert bare[0] == profiled[0] == 0, (bare, profiled)
        # The collector is a process of the same user and may have a few threads.
        assert int(profiled[1].split()[-1]) >= int(bare[1].split()[-1]) - 10


def test_little_address_space(twin):
    twin.write("prog.py", PROGRAM)
    twin.compare("prog.py", preexec_fn=limited(resource.RLIMIT_AS, 600 << 20))


def test_a_small_stack_limit(twin):
    twin.write("prog.py", PROGRAM)
    twin.compare("prog.py", preexec_fn=limited(resource.RLIMIT_STACK, 256 << 10))


def test_no_locked_memory_and_no_message_queues(twin):
    twin.write("prog.py", PROGRAM)

    def strict():
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
        resource.setrlimit(resource.RLIMIT_MSGQUEUE, (0, 0))
        resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))

    twin.compare("prog.py", preexec_fn=strict)


def test_files_may_not_grow(twin):
    # RLIMIT_FSIZE holds for the program; ours is written by the collector, and a memfd is a file too.
    twin.write("prog.py", PROGRAM)
    bare = twin.bare("prog.py", preexec_fn=limited(resource.RLIMIT_FSIZE, 4096))
    profiled = twin.profiled("prog.py", preexec_fn=limited(resource.RLIMIT_FSIZE, 4096))
    assert (profiled.status, profiled.stdout) == (bare.status, bare.stdout)


MOUNTS = {
    "no /dev/shm": "mount --bind {empty} /dev/shm && mount -o remount,ro,bind /dev/shm",
    "no /tmp": "mkdir -p {empty}/hidden && mount --bind {empty} /var/tmp && mount -o remount,ro,bind /var/tmp",
    "read-only home": "mount --bind $HOME $HOME && mount -o remount,ro,bind $HOME",
    "read-only /proc/sys": "mount -o ro,bind /proc/sys /proc/sys",
    "hidden /run": "mount -t tmpfs -o ro none /run",
    "hidden /sys": "mount -t tmpfs -o ro none /sys",
}


def can_mount():
    return shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], stderr=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize("place", MOUNTS)
def test_places_that_are_missing_or_read_only(twin, place):
    # Row 16.
    if not can_mount():
        pytest.skip("no right to make a mount namespace")
    twin.write("prog.py", PROGRAM)
    (twin.directory / "empty").mkdir()
    script = MOUNTS[place].format(empty=twin.directory / "empty") + ' && exec "$@"'

    def run(command, **how):
        return twin.run(["unshare", "-m", "sh", "-c", script, "sh", *command], env={"TMPDIR": "/dev/shm"}, **how)

    profile = twin.new_profile_path()
    bare, profiled = run([twin.python, "prog.py"]), run(twin.command("prog.py", profile=profile))
    assert_same(Outcome(*bare), Outcome(*profiled))
    assert bare[0] == 0, bare
    assert Profiled(*profiled, path=profile).document["ext"]["totals"]["cpu_samples"] > 10


def test_a_read_only_working_directory(twin):
    if not can_mount():
        pytest.skip("no right to make a mount namespace")
    twin.write("prog.py", PROGRAM)
    script = f'mount --bind {twin.directory} {twin.directory} && mount -o remount,ro,bind {twin.directory} && cd {twin.directory} && exec "$@"'
    profile = twin.directory.parent / (twin.directory.name + ".json")
    outcome = twin.run(["unshare", "-m", "sh", "-c", script, "sh", *twin.command("prog.py", profile=profile)])
    assert outcome[0] == 0 and Profiled(*outcome, path=profile).document
    # The default name cannot be written there: said before the program starts.
    refused = twin.run(["unshare", "-m", "sh", "-c", script, "sh", *twin.command("prog.py")])
    assert refused[0] == 125 and refused[1] == b"" and b"Scalene: cannot write" in refused[2]


def test_no_proc_file_system(twin):
    if not can_mount():
        pytest.skip("no right to make a mount namespace")
    twin.write("prog.py", PROGRAM)
    script = 'mount -t tmpfs none /proc && exec "$@"'
    bare = Outcome(*twin.run(["unshare", "-m", "sh", "-c", script, "sh", twin.python, "prog.py"]))
    profile = twin.new_profile_path()
    profiled = Outcome(*twin.run(["unshare", "-m", "sh", "-c", script, "sh", *twin.command("prog.py", profile=profile)]))
    if profiled.status == 125:
        assert profiled.stdout == b"" and b"Scalene: " in profiled.stderr
    else:
        assert_same(bare, profiled)


def test_a_namespace_without_network_still_connects(twin):
    # Abstract sockets live in the network namespace: here both ends are inside.
    if not can_mount():
        pytest.skip("no right to make a namespace")
    twin.write("prog.py", PROGRAM)
    profile = twin.new_profile_path()
    outcome = twin.run(["unshare", "-n", *twin.command("prog.py", profile=profile)])
    assert outcome[0] == 0
    assert Profiled(*outcome, path=profile).document["ext"]["totals"]["cpu_samples"] > 10


def test_a_child_in_another_network_namespace_runs_as_bare(twin):
    if not can_mount():
        pytest.skip("no right to make a namespace")
    twin.write("prog.py", """
        import subprocess, sys
        print(subprocess.run(["unshare", "-n", "-p", "-f", sys.executable, "-c", "sum(range(10000000)); print('inside')"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        """)
    twin.compare("prog.py")


def test_a_program_that_forbids_itself_system_calls_is_as_bare(twin, shared_library):
    # Ruling 35: after a filter we make no call that bare Python would not make.
    library = shared_library("""
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stddef.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <linux/audit.h>
        /* Kills the process on timer_create, timer_settime, socket, process_vm_readv, memfd_create, tgkill. */
        int forbid(void) {
          const unsigned numbers[] = {SYS_timer_create, SYS_timer_settime, SYS_timer_delete, SYS_socket, SYS_process_vm_readv,
                                      SYS_memfd_create, SYS_tgkill, SYS_sendmsg, SYS_connect};
          enum { COUNT = sizeof numbers / sizeof *numbers };
          struct sock_filter code[COUNT + 3];
          code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
          for (int i = 0; i < COUNT; i++)
            code[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, numbers[i], (unsigned char)(COUNT - i), 0);
          code[COUNT + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
          code[COUNT + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
          struct sock_fprog program = {COUNT + 3, code};
          prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
          return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
        }
        """, "seccomp")
    twin.write("prog.py", f"""
        import ctypes, os, threading, time
        def work(seconds):
            end = time.process_time() + seconds
            while time.process_time() < end: sum(range(1000))
        work(0.3)
        print(ctypes.CDLL("{library}").forbid())
        work(0.3)
        thread = threading.Thread(target=work, args=(0.3,))
        thread.start(); thread.join()
        child = os.fork()
        if child == 0:
            work(0.3)
            os._exit(3)
        print(os.waitpid(child, 0)[1])
        """)
    outcome = twin.compare("prog.py")
    assert outcome.stdout == b"0\n768\n"


def test_clock_jumps_change_nothing(twin):
    if os.getuid() != 0 or not can_mount() or not hasattr(__import__("time"), "clock_settime"):
        pytest.skip("needs root")
    if subprocess.run(["unshare", "-T", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("no time namespaces here")
    twin.write("prog.py", PROGRAM)
    profile = twin.new_profile_path()
    outcome = twin.run(["unshare", "-T", "--monotonic", "1000000", "--boottime", "1000000", "--fork",
                        *twin.command("prog.py", profile=profile)])
    assert outcome[0] == 0, outcome
    assert Profiled(*outcome, path=profile).document["elapsed_time_sec"] < 30
