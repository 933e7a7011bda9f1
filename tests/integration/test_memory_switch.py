"""Recording that is suspended sees no allocation, and no maximum."""

import pytest

pytestmark = pytest.mark.own_interpreter


def test_what_is_allocated_while_suspended_is_in_no_number(twin):
    twin.write("prog.py", """
        import ctypes, time
        switch = ctypes.CDLL(None).scalene_switch
        kept = bytearray(20 << 20)
        time.sleep(0.2)
        switch(0)
        time.sleep(0.2)
        hidden = bytearray(80 << 20)
        time.sleep(0.2)
        del hidden
        time.sleep(0.2)
        switch(1)
        time.sleep(0.2)
        more = bytearray(10 << 20)
        time.sleep(0.1)
        """)
    document = twin.profiled("prog.py", options=["--memory"]).document
    assert document["max_footprint_mb"] == pytest.approx(30, abs=2)
    [entry] = document["files"].values()
    allocated = {row["lineno"]: row["n_malloc_mb"] for row in entry["lines"]}
    assert allocated[4] == pytest.approx(20, rel=0.01)
    assert allocated[8] == 0
    assert allocated[14] == pytest.approx(10, rel=0.01)
