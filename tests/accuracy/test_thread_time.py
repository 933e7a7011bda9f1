"""CPU time of several threads: each on its own line, added up, and none on lines that only wait."""

from support import native


def test_two_threads_1_to_3(measured):
    run = measured("two_threads.py", 2.4)
    run.expect_shares(["small", "large"])
    run.expect_all_cpu_time()


def test_two_threads_that_hash_use_two_cores(measured):
    run = measured("hashing_threads.py", 1.5)
    run.expect_seconds("hash", run.time("hash").total, run.truth["seconds"]["hash"])
    run.expect_kind("hash", "native")
    # The rate that the program itself saw: other work on this machine may have taken a part of the cores.
    true = run.truth["facts"]["user_rate"] / run.truth["facts"]["cpus"]
    shown = run.profile.marked_rows(run.program, "hash")[0]["n_core_utilization"]
    run.expect_interval("core utilisation", 100 * shown, 100 * true, 10)


def test_a_thread_of_c_is_measured_and_no_other_line_pays(measured, tmp_path):
    run = measured("native_thread.py", 1.6, native.shared_library("native_thread.c", tmp_path))
    run.expect_seconds("the Python thread", run.time("python").total, run.truth["seconds"]["python"])
    threads = [thread for thread in run.profile.ext["threads"] if thread.get("native")]
    # A thread's row holds its samples alone: what lies before its first and behind its last, and on a busy machine the
    # kernel's tick can miss a thread for tens of milliseconds, is in the process's total only.
    run.expect_seconds("the C thread", sum(thread.get("native_sec", 0.0) for thread in threads),
                       run.truth["seconds"]["native"], absolute=0.08)
    run.expect_all_cpu_time()
    run.expect_at_most("the line that sleeps", 100 * run.time("sleep").total / run.profile.totals.total, 1)
    # It is driven by the line that waits for it inside its library; while none does, it is in the native bucket.
    run.expect_seconds("the line that joins", run.time("join").total, run.truth["facts"]["joined"], absolute=0.08)
    run.expect_kind("python", "python")
