"""What must be true of every profile, whatever the program: checked on each one that a test looks at."""

import ast
from pathlib import Path

from support.profiles import Time, percent_of, time_of

ROUNDING = 1e-6


def check(profile):
    _percentages_stay_below_100(profile)
    _lines_are_complete(profile)
    _percentages_are_seconds_of_the_total(profile)
    for path, entry in profile.files.items():
        _file_is_the_sum_of_its_lines(path, entry)
        _functions_are_the_sum_of_their_lines(path, entry)


def _percentages_stay_below_100(profile):
    whole = sum(percent_of(row) for entry in profile.files.values() for row in entry["lines"])
    assert whole <= 100 + 1e-3, "all lines together have %.4f %%" % whole


def _lines_are_complete(profile):
    for path, entry in profile.files.items():
        numbers = [row["lineno"] for row in entry["lines"]]
        assert numbers == list(range(1, len(numbers) + 1)), "%s: lines are missing or out of order" % path


def _percentages_are_seconds_of_the_total(profile):
    total = profile.ext.get("totals", {}).get("total_sec", 0.0)
    for path, entry in profile.files.items():
        for row in entry["lines"]:
            ext = row.get("ext", {})
            seconds = sum(ext.get(key, 0.0) for key in ("python_sec", "native_sec", "kernel_sec", "idle_sec"))
            expected = 100 * seconds / total if total else 0.0
            assert abs(percent_of(row) - expected) <= 0.01, "%s:%d shows %.4f %% but its seconds are %.4f %%" % (
                path, row["lineno"], percent_of(row), expected)


def _file_is_the_sum_of_its_lines(path, entry):
    whole = sum(percent_of(row) for row in entry["lines"])
    assert abs(whole - entry["percent_cpu_time"]) <= 0.01, "%s has %.4f %%, its lines have %.4f %%" % (
        path, entry["percent_cpu_time"], whole)


def _functions_are_the_sum_of_their_lines(path, entry):
    """Row 56. Only `def`s whose lines belong to nobody else: no nested function or class, not on one line with others."""
    rows = {(row["line"], row["lineno"]): row for row in entry["functions"]}
    for (name, first), last in _plain_functions(path).items():
        # A def statement's own lines run when it is defined, and from 3.11 on also when it is called.
        lines = sum((time_of(row) for row in entry["lines"][first - 1:last]), Time())
        row = rows.get((name, first))
        whole = time_of(row) if row else Time()
        allowed = 0.003 * lines.total + 0.025
        assert abs(whole.total - lines.total) <= allowed, "%s: %s (line %d) has %.3f s, its lines %d-%d have %.3f s" % (
            path, name, first, whole.total, first, last, lines.total)


def _plain_functions(path):
    """{(qualified name, first line): last line} of functions without nested functions or classes."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    found = {}

    def visit(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                visit(child, prefix + child.name + ".")
            elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if not _holds_definitions(child):
                    first = min([child.lineno] + [d.lineno for d in child.decorator_list])
                    found[prefix + child.name, first] = child.end_lineno
                visit(child, prefix + child.name + ".<locals>.")
            else:
                visit(child, prefix)
    visit(tree, "")
    return found


def _holds_definitions(function):
    return any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
               for node in ast.walk(function) if node is not function)
