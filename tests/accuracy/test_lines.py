"""Shares of lines, whatever runs on them."""

import pytest

from support.profiles import percent_of


def test_lines_of_cost_1_2_4(measured, long_form):
    run = measured("lines_1_2_4.py", 34 if long_form else 7)
    run.expect_fine_shares({"one": 1, "two": 2, "four": 4})
    run.expect_all_cpu_time()


def test_work_at_any_depth_of_the_stack(measured):
    run = measured("recursion.py", 2.5)
    run.expect_shares(["shallow", "deep", "every_level"])
    run.expect_kind("every_level", "python")


@pytest.mark.short
def test_every_construct_of_the_language(measured):
    run = measured("constructs.py", 5)
    assert run.truth["facts"]["objects"] >= 1_000_000
    texts = [entry for entries in run.profile.executed_texts(run.program).values() for entry in entries]
    executed = sum((run.profile.time_of_file(entry) for entry in texts), run.time())
    assert executed.samples, "the text run by exec is not in the profile: %s" % sorted(run.profile.files)
    run.expect_shares(["generator", "comprehension", "lambda", "decorator", "class_body", "init", "coroutine", "exec"],
                      times={"exec": executed})


def test_the_standard_library_is_credited_to_its_caller(measured):
    run = measured("library_callers.py", 2.5)
    run.expect_shares(["deepcopy", "textwrap", "json", "fractions"])
    run.expect_all_cpu_time()


def test_executed_text_stands_under_the_line_that_ran_it(measured):
    run = measured("code_objects.py", 100_000)
    assert run.truth["facts"]["made"] >= 100_000
    # A code object lives for some 20 ms, and its successors lie where it lay: mistaking them mixes the two lines up.
    run.expect_shares(["compile", "first", "second"])


def test_a_long_call_keeps_its_time(measured):
    run = measured("long_call.py", 4)
    run.expect_seconds("call", run.time("call").total, run.truth["seconds"]["call"])
    run.expect_kind("call", "native")
    run.expect_at_most("the cheap lines after it", 100 * run.time("cheap").total / run.profile.totals.total, 1)


@pytest.mark.short
def test_fifty_milliseconds_are_profiled(measured):
    run = measured("fifty_milliseconds.py")
    # A sample before the first frame (the interpreter compiles the program) lies outside every line.
    run.expect_seconds("all CPU time", run.profile.totals.total + run.profile.outside_cpu_sec, run.truth["cpu"],
                       absolute=0.008)
    busy = sum(percent_of(row) for row in run.profile.marked_rows(run.program, "busy"))
    run.expect_at_most("not on the busy line", 100 - busy, 20)
