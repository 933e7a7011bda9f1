"""Runs a program with a known answer and compares its profile with what its own clocks say."""

import json

import pytest

from support import bounds, consistency, table
from support.profiles import Time
from support.scalene import PROGRAMS

# As often as the kernel's tick lets a thread's CPU clock fire: the more samples, the sharper the judgement.
OFTEN = "0.001"
KIND_ERROR = 0.02  # python / native / system: the requirement's own bound


def measure(run, program, *arguments, test, interpreter, folder, options=(), rate=OFTEN, **keywords):
    """Profiles PROGRAM, whose first argument is the file to which it writes its truth (programs/ground_truth.py)."""
    truth_path = folder / "truth.json"
    truth_path.unlink(missing_ok=True)
    result = run(program, truth_path, *arguments, options=("--cpu-only", "--cpu-sampling-rate", rate, *options),
                 **keywords)
    assert result.status == 0, result.describe()
    assert result.profile is not None, "no profile was written\n" + result.describe()
    assert truth_path.exists(), "the program wrote no truth\n" + result.describe()
    consistency.check(result.profile)
    return Measurement(PROGRAMS / program, result, json.loads(truth_path.read_text()), test, interpreter)


class Measurement:
    """A profile beside the truth. The expect_ methods put every value into the table, then fail on those that miss."""

    def __init__(self, program, result, truth, test, interpreter):
        self.program = program
        self.result = result
        self.profile = result.profile
        self.truth = truth  # {"seconds": {label: s}, "blocks": {label: n}, "cpu": s, ...}
        self.test = test
        self.interpreter = interpreter

    @property
    def late_sec(self):
        """For how long looks at what waits came late, the CPUs being busy: what lies between two looks is the later one's."""
        return self.profile.ext.get("losses", {}).get("waits", {}).get("late_ms", 0) / 1000

    def time(self, *labels):
        return sum((self.profile.marked(self.program, label) for label in labels), Time())

    def expect_shares(self, labels=None, blocks=True, times=None):
        """Each label's share of the CPU time of all of them. `times`: labels whose time is not that of marked lines."""
        times = times or {}
        true = {label: self.truth["seconds"][label] for label in labels or self.truth["seconds"]}
        measured = {label: times.get(label) or self.time(label) for label in true}
        samples = sum(time.samples for time in measured.values())
        whole_true, whole = sum(true.values()), sum(time.total for time in measured.values())
        assert whole > 0, "nothing was measured on the marked lines\n" + self.result.describe()
        found = []
        for label, seconds in true.items():
            share = seconds / whole_true
            bound = bounds.tolerance(share, samples, self.truth["blocks"].get(label) if blocks else None)
            found.append(self._record(label, 100 * measured[label].total / whole, 100 * share, 100 * bound, samples))
        self._judge(found)

    def expect_fine_shares(self, true):
        """Shares by counted work, {label: weight}, mixed more finely than samples are taken."""
        whole_true = sum(true.values())
        times = {label: self.time(label) for label in true}
        whole, samples = sum(t.total for t in times.values()), sum(t.samples for t in times.values())
        assert whole > 0, "nothing was measured on the marked lines\n" + self.result.describe()
        self._judge([self._record(label, 100 * times[label].total / whole, 100 * weight / whole_true,
                                  100 * bounds.tolerance(weight / whole_true, samples), samples)
                     for label, weight in true.items()])

    def expect_kind(self, label, kinds, fraction=1.0, time=None):
        """The part of a label's time that is of one kind ("python", "native", "system", "native+system")."""
        time = time or self.time(label)
        assert time.total > 0, "nothing was measured for %s\n%s" % (label, self.result.describe())
        part = sum(getattr(time, kind) for kind in kinds.split("+"))
        # A sample that falls on what Python does around a call is no mistake, and on a busy machine, whose ticks miss a
        # thread for several intervals, one may weigh as much as five.
        bound = max(KIND_ERROR, 5 / max(time.samples, 1))
        self._judge([self._record("%s is %s" % (label, kinds), 100 * part / time.total, 100 * fraction, 100 * bound,
                                  time.samples)])

    def expect_seconds(self, what, measured_sec, true_sec, relative=0.03, absolute=0.03):
        """Absolute seconds: the weights of samples add up to the clocks, which cannot tell what the host of a virtual
        machine took from what a thread waited."""
        bound = relative * true_sec + absolute + self.truth.get("stolen", 0.0)
        self._judge([self._record(what, measured_sec, true_sec, bound, self.profile.totals.samples, unit="s")])

    def expect_interval(self, what, measured_percent, true_percent, bound):
        """A value with a bound of its own, in points."""
        self._judge([self._record(what, measured_percent, true_percent, bound, self.profile.totals.samples)])

    def expect_at_most(self, what, measured_percent, limit_percent):
        """A share that should be next to nothing."""
        self._judge([self._record(what, measured_percent, 0.0, limit_percent, self.profile.totals.samples)])

    def expect_all_cpu_time(self):
        """Profiled lines and what lies outside them have the CPU time of the program, no more and no less."""
        self.expect_seconds("all CPU time", self.profile.totals.total + self.profile.outside_cpu_sec, self.truth["cpu"])

    def _record(self, what, measured, true, tolerance, samples, unit="%"):
        return table.record(table.Entry(self.interpreter.full_name, self.test, what, measured, true, tolerance, samples,
                                        unit))

    def _judge(self, found):
        if not all(entry.good for entry in found):
            lines = [table.HEADER] + [table.format_entry(entry) for entry in found]
            pytest.fail("%s\n\n%s" % ("\n".join(lines), self.result.describe()), pytrace=False)
