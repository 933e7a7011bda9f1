"""The table at the end of a session: what was measured, what is true, on which interpreter."""

import dataclasses

from support import interpreters


@dataclasses.dataclass
class Entry:
    interpreter: str
    test: str
    what: str
    measured: float
    true: float
    tolerance: float
    samples: int
    unit: str = "%"
    interval: tuple = None  # the profile's own 95 % interval for the measured value, same unit

    @property
    def good(self):
        return abs(self.measured - self.true) <= self.tolerance

    @property
    def sharp(self):
        """Within what is promised for times on a quiet machine, whatever the test's own bound allows for."""
        return abs(self.measured - self.true) <= max(0.03 * self.true, 0.02)

    @property
    def covered(self):
        """Whether the profile's own interval holds the truth; None where the profile gives none."""
        return None if self.interval is None else self.interval[0] <= self.true <= self.interval[1]


entries = []


def record(entry):
    entries.append(entry)
    return entry


def format_entry(entry):
    return "%-8s %-38s %-26s %8.2f %8.2f  ±%-6.2f %-2s %6d  %s" % (
        entry.interpreter, entry.test[:38], entry.what[:26], entry.measured, entry.true, entry.tolerance, entry.unit,
        entry.samples, "" if entry.good else "MISSED")


HEADER = "%-8s %-38s %-26s %8s %8s  %-7s %-2s %6s" % (
    "python", "test", "what", "measured", "true", "bound", "", "samples")


def write_summary(reporter, mode):
    if entries:
        reporter.section("measured against true")
        reporter.write_line(HEADER)
        for entry in entries:
            reporter.write_line(format_entry(entry))
        missed = sum(not entry.good for entry in entries)
        reporter.write_line("%d values, %d missed their bound" % (len(entries), missed))
        times = [entry for entry in entries if entry.unit == "s"]
        reporter.write_line("%d of %d times lie within 3 %% or 20 ms of the truth" % (sum(e.sharp for e in times), len(times)))
    reporter.section("interpreters (--interpreters=%s)" % mode)
    for interpreter in interpreters.found():
        ran = "everything" if interpreter is interpreters.own() or mode == "all" else (
            "tests marked short" if mode == "short" else "not run")
        reporter.write_line("%-8s %-20s %s" % (interpreter.full_name, ran, interpreter.executable))
