"""The profilers, each as the command that profiles `python3 PROGRAM ARGS` with its defaults, CPU only where it has more;
those that measure memory as well stand beside them with "all" behind their name.

A command writes its result into the file `profile` of the working directory, as a user would keep it.
"""

from . import places

OURS, OURS_ALL, REFERENCE = "scalene", "scalene all", "reference"


def _bare(words):
    return [places.PYTHON, *words]


def _ours(words):
    return [places.SCALENE, "run", "--cpu-only", "-o", "profile.json", *words]


def _ours_all(words):
    return [places.SCALENE, "run", "-o", "profile.json", *words]


def _reference_all(words):
    return [places.PYTHON, "-m", "scalene", "run", "-o", "profile.json", *words]


def _memray(words):
    return [places.PYTHON, "-m", "memray", "run", "-q", "-o", "profile.bin", *words]


def _reference(words):
    return [places.PYTHON, "-m", "scalene", "run", "--cpu-only", "-o", "profile.json", *words]


def _py_spy(words):
    return ["py-spy", "record", "-o", "profile.svg", "--", places.PYTHON, *words]


def _pyinstrument(words):
    return [places.PYTHON, "-m", "pyinstrument", "-o", "profile.txt", *words]


def _cprofile(words):
    return [places.PYTHON, "-m", "cProfile", "-o", "profile.pstats", *words]


COMMANDS = {"bare": _bare, OURS: _ours, OURS_ALL: _ours_all, REFERENCE: _reference, "reference all": _reference_all,
            "memray": _memray, "py-spy": _py_spy, "pyinstrument": _pyinstrument,
            "cProfile": _cprofile}
PROFILERS = [name for name in COMMANDS if name != "bare"]


def command(tool, words):
    return COMMANDS[tool](words)
