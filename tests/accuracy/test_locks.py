"""Who had the lock that a thread waited for: the owner of an RLock, or the thread inside `with lock:`; of others it is not known."""

import pytest

# Where the holder goes from one line to the next is known to half the time between two looks, 5 ms, at each of its turns;
# when looks come late, one turn of 0.07 s may be given to its neighbour.
RELATIVE, ABSOLUTE = 0.05, 0.08


def waited(run, label):
    return sum(row.get("ext", {}).get("waits", {}).get("lock", 0.0)
               for row in run.profile.marked_rows(run.program, label))


def held_by(run, waiter, holder=None):
    """Seconds for which a line of `holder`, or any line, had the lock that lines of `waiter` waited for."""
    holders = {row["lineno"] for row in run.profile.marked_rows(run.program, holder)} if holder else None
    return sum(sec for row in run.profile.marked_rows(run.program, waiter)
               for path, line, sec in row.get("ext", {}).get("lock_holders", []) if holders is None or line in holders)


@pytest.mark.short
def test_a_held_lock_names_its_holder(measured):
    run = measured("held_locks.py", 0.7)
    for kind in ("owned", "inside", "condition"):
        late = run.truth["facts"][kind + " delay"]
        run.expect_seconds(kind + ": waits", waited(run, kind), run.truth["seconds"][kind], RELATIVE, ABSOLUTE + late)
        for where in ("asleep", "busy"):
            run.expect_seconds("%s: held by %s" % (kind, where), held_by(run, kind, where),
                               run.truth["facts"]["%s %s" % (kind, where)], RELATIVE, ABSOLUTE + late)
        run.expect_seconds(kind + ": held by others", held_by(run, kind) - held_by(run, kind, "asleep")
                           - held_by(run, kind, "busy"), 0.0, absolute=0.02 + late)
    # Nothing says who has called acquire on a plain lock.
    run.expect_seconds("acquired: waits", waited(run, "acquired"), run.truth["seconds"]["acquired"], RELATIVE,
                       ABSOLUTE + run.truth["facts"]["acquired delay"])
    assert held_by(run, "acquired") == 0
    assert run.profile.ext["losses"]["waits"]["unknown_lock_holders"] > 10


def test_who_waits_in_a_condition_has_given_its_lock_back(measured):
    run = measured("queue_waits.py", 0.5)
    run.expect_seconds("takes", waited(run, "takes"), run.truth["seconds"]["takes"], RELATIVE,
                       ABSOLUTE + run.truth["delay"])
    assert held_by(run, "takes") == 0
