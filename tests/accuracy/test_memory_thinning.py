"""When the table of live samples is full its window doubles: estimates stay right, and say how far they can be trusted."""

import json
import shutil

import pytest

from support import scalene
from support.profile_check import check_profile

DEVIATIONS = 4  # of the stated intervals, widened: one false alarm in 15,000 lines


@pytest.fixture
def small_table(tmp_path, monkeypatch):
    """The binary under test beside an agent whose table has 1,024 places instead of 131,072."""
    agent = scalene.binary().parent.parent / "tests" / "small_table" / "lib" / "libscalene_agent.so"
    assert agent.exists(), f"{agent} is missing: run ninja -C build/release"
    for folder, file in (("bin", scalene.binary()), ("lib", agent)):
        (tmp_path / "small" / folder).mkdir(parents=True)
        shutil.copy(file, tmp_path / "small" / folder)
    monkeypatch.setenv("SCALENE_BINARY", str(tmp_path / "small" / "bin" / "scalene"))


def holds(interval, true):
    low, high = interval
    middle, half = (low + high) / 2, (high - low) / 2 * DEVIATIONS / 1.96
    return middle - half <= true <= middle + half


@pytest.mark.short
def test_a_million_live_samples_wanted(small_table, run, tmp_path):
    program = "memory_many_live.py"
    # At this window every one of the objects would be sampled.
    result = run(program, tmp_path / "truth.json", options=("--memory", "--allocation-sampling-window", "64"))
    assert result.status == 0, result.describe()
    check_profile(result.profile.path)
    truth = json.loads((tmp_path / "truth.json").read_text())
    true = truth["live"]
    rows = {label: result.profile.marked_rows(scalene.PROGRAMS / program, label)[0] for label in true}
    assert result.profile.ext["losses"]["fold"]["interval_doubled"] >= 3
    for label in ("small", "middle", "large", "halved"):
        live, interval = rows[label]["ext"]["live_end_mb"], rows[label]["ext"]["live_ci95"]
        assert interval[0] < live < interval[1] and interval[1] - interval[0] < 0.8 * live, label
        assert holds(interval, true[label]), (label, interval, true[label])
    block = rows["block"]["ext"]  # far above the window of the moment: it stays in the table, exact
    assert block["live_end_mb"] == pytest.approx(40, rel=0.001) and "live_ci95" not in block
    if result.profile.ext["memory"].get("exact", True):  # it is counted, whatever becomes of the samples
        assert result.profile.document["max_footprint_mb"] == pytest.approx(truth["highest"], rel=0.01)
