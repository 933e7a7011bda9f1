"""Reads a profile the way a test asks: time of marked lines, of functions, of files.

A program marks lines with a comment at their end: `total += 1  #: sums`. Several lines may carry one label, and one
line several labels (`#: sums loops`).
"""

import dataclasses
import re
from pathlib import Path

_MARK = re.compile(r"#: ([\w -]+)$")


@dataclasses.dataclass(frozen=True)
class Time:
    """CPU seconds by kind, and the CPU samples behind them. Idle time is not in it."""
    python: float = 0.0
    native: float = 0.0
    system: float = 0.0
    samples: int = 0

    @property
    def total(self):
        return self.python + self.native + self.system

    def __add__(self, other):
        return Time(self.python + other.python, self.native + other.native, self.system + other.system,
                    self.samples + other.samples)

    def __radd__(self, zero):  # for sum()
        return self


def time_of(row):
    ext = row.get("ext", {})
    return Time(ext.get("python_sec", 0.0), ext.get("native_sec", 0.0), ext.get("kernel_sec", 0.0),
                ext.get("samples", 0))


def percent_of(row):
    return row["n_cpu_percent_python"] + row["n_cpu_percent_c"] + row["n_sys_percent"]


def marked_lines(program):
    """{label: [line numbers]} of a program's source."""
    lines = {}
    for number, text in enumerate(Path(program).read_text(encoding="utf-8").splitlines(), 1):
        mark = _MARK.search(text)
        for label in mark.group(1).split() if mark else ():
            lines.setdefault(label, []).append(number)
    return lines


class Profile:
    def __init__(self, document, path):
        self.document = document
        self.path = path

    @property
    def ext(self):
        return self.document["ext"]

    @property
    def files(self):
        return self.document["files"]

    @property
    def totals(self):
        """CPU time of everything on profiled lines."""
        totals = self.ext.get("totals", {})
        return Time(totals.get("python_sec", 0.0), totals.get("native_sec", 0.0), totals.get("kernel_sec", 0.0),
                    totals.get("cpu_samples", 0))

    @property
    def outside_cpu_sec(self):
        """CPU time of everything else."""
        outside = self.ext.get("outside", {})
        return outside.get("sec", 0.0) - outside.get("idle_sec", 0.0)

    def file(self, path):
        """The entry of a file; an empty one for a file that is not in the profile."""
        return self.files.get(str(Path(path).resolve()), {"functions": [], "lines": [], "percent_cpu_time": 0.0})

    def line(self, path, number):
        lines = self.file(path)["lines"]
        return lines[number - 1] if number <= len(lines) else {"lineno": number, **_EMPTY_ROW}

    def marked_rows(self, path, label):
        """The rows of the lines that carry a label in their source."""
        numbers = marked_lines(path)[label]
        return [self.line(path, number) for number in numbers]

    def marked(self, path, label):
        return sum((time_of(row) for row in self.marked_rows(path, label)), Time())

    def function(self, path, name):
        """The row of a function by its qualified name; an empty one if it is not listed."""
        rows = [row for row in self.file(path)["functions"] if row["line"] == name]
        assert len(rows) <= 1, "function %s is listed %d times" % (name, len(rows))
        return rows[0] if rows else {"line": name, "lineno": 0, **_EMPTY_ROW}

    def executed_texts(self, path):
        """The entries of text that lines of this file ran with exec or eval: {line number: [entries]}."""
        pattern = re.compile(r"<(?:exec|eval)@%s:(\d+)>(?: \(\d+\))?$" % re.escape(str(Path(path).resolve())))
        entries = {}
        for key, entry in self.files.items():
            match = pattern.match(key)
            if match:
                entries.setdefault(int(match.group(1)), []).append(entry)
        return entries

    def time_of_file(self, entry):
        return sum((time_of(row) for row in entry["lines"]), Time())


_EMPTY_ROW = {"n_cpu_percent_python": 0.0, "n_cpu_percent_c": 0.0, "n_sys_percent": 0.0, "n_core_utilization": 0.0}
