"""The profilers, each as the command that profiles `python3 PROGRAM ARGS` with its defaults, CPU only where it has more.

A command writes its result into the file `profile` of the working directory, as a user would keep it.
"""

from . import places

OURS, REFERENCE = "scalene", "reference"


def _bare(words):
    return [places.PYTHON, *words]


def _ours(words):
    return [places.SCALENE, "run", "--cpu-only", "-o", "profile.json", *words]


def _reference(words):
    return [places.PYTHON, "-m", "scalene", "run", "--cpu-only", "-o", "profile.json", *words]


def _py_spy(words):
    return ["py-spy", "record", "-o", "profile.svg", "--", places.PYTHON, *words]


def _pyinstrument(words):
    return [places.PYTHON, "-m", "pyinstrument", "-o", "profile.txt", *words]


def _cprofile(words):
    return [places.PYTHON, "-m", "cProfile", "-o", "profile.pstats", *words]


COMMANDS = {"bare": _bare, OURS: _ours, REFERENCE: _reference, "py-spy": _py_spy, "pyinstrument": _pyinstrument,
            "cProfile": _cprofile}
PROFILERS = [name for name in COMMANDS if name != "bare"]


def command(tool, words):
    return COMMANDS[tool](words)
