"""What happens while profiling is suspended is in no metric; what happens around it is there in full."""

import pytest


@pytest.mark.short
def test_a_program_that_suspends_its_own_profiling(measured):
    run = measured("switched.py", 4)
    on_sec = run.truth["facts"]["on_sec"]
    started_sec = 0.1  # imports, before the program's clocks
    run.expect_seconds("all CPU time", run.profile.totals.total + run.profile.outside_cpu_sec,
                       on_sec + started_sec / 2, absolute=started_sec + 0.03 * on_sec)
    # Two switches a block: at each, the sample that was due may fall on either side.
    run.expect_at_most("suspended line", 100 * run.time("suspended").total / on_sec, 1)
    assert run.time("recorded").total > 0 and run.time("beside").total > 0
    assert run.profile.document["elapsed_time_sec"] < run.truth["wall"]
