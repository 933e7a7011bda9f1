"""Finds the Python interpreters on which Scalene is tested and timed: the one place that knows where to look.

    tools/pythons                 a table: name, version, executable
    tools/pythons --json          the same for programs
    tools/pythons 3.12 3.13t      only these

From code: put tools/ on sys.path, `import pythons`, `pythons.find()`.

Looked at, in this order; of several interpreters with one version the first stays:
  1. Debian's own /usr/bin/python3, the interpreter that every test runs on
  2. SCALENE_PYTHONS, a list of executables separated by colons
  3. .deps/pythons/*/bin, where tools/debian-pythons and tools/free-threaded-python put theirs
  4. python3.8 ... python3.15 and python3.13t ... on PATH (a pyenv shim counts as what it starts)
  5. ~/.pyenv/versions/*/bin
Only CPython 3.8 to 3.15 counts; a debug build or a free-threaded one is a version of its own.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from glob import glob

OLDEST, NEWEST = (3, 8), (3, 15)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Asked of each candidate. -I -S: quick, and whatever site-packages or the environment would add stays out.
_PROBE = """
import json, sys, sysconfig
config = sysconfig.get_config_var
print(json.dumps({
    "implementation": sys.implementation.name, "version_info": list(sys.version_info[:3]),
    "version": sys.version.split()[0].rstrip("+"), "executable": sys.executable,
    "free_threaded": bool(config("Py_GIL_DISABLED")), "debug": bool(config("Py_DEBUG")),
    "shared": bool(config("Py_ENABLE_SHARED"))}))
"""


class Interpreter:
    """One interpreter: what it is, and the executable to start it with."""

    def __init__(self, facts):
        self.version = facts["version"]  # "3.14.0"
        self.version_info = tuple(facts["version_info"])
        self.executable = facts["executable"]
        self.free_threaded = facts["free_threaded"]
        self.debug = facts["debug"]
        self.shared = facts["shared"]  # libpython is a library of its own

    @property
    def suffix(self):
        return ("t" if self.free_threaded else "") + ("d" if self.debug else "")

    @property
    def name(self):
        """Short and usual: "3.13t"."""
        return "%d.%d%s" % (self.version_info[0], self.version_info[1], self.suffix)

    @property
    def full_name(self):
        """What makes two interpreters different ones: "3.13.5t"."""
        return self.version + self.suffix

    def as_json(self):
        return {
            "name": self.name, "full_name": self.full_name, "version": self.version, "executable": self.executable,
            "free_threaded": self.free_threaded, "debug": self.debug, "shared": self.shared,
        }


def find(names=()):
    """All interpreters found, Debian's own first, then by version; with names ("3.12", "3.13t", "3.11.2") only those."""
    found = {}
    asked = set()
    for candidate in _candidates():
        real = os.path.realpath(candidate)
        if real in asked and candidate not in _from_environment():
            continue
        asked.add(real)
        interpreter = probe(candidate)
        if interpreter is not None:
            asked.add(os.path.realpath(interpreter.executable))
            found.setdefault(interpreter.full_name, interpreter)
    in_order = list(found.values())
    in_order[1:] = sorted(in_order[1:], key=lambda i: (i.version_info, i.suffix))
    if names:
        in_order = [i for i in in_order if i.name in names or i.full_name in names]
    return in_order


def probe(executable):
    """The interpreter behind an executable; None if it does not run or is none that Scalene knows."""
    try:
        answer = subprocess.run([executable, "-I", "-S", "-c", _PROBE], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20, check=True)
        facts = json.loads(answer.stdout.decode())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    if facts["implementation"] != "cpython" or not OLDEST <= tuple(facts["version_info"][:2]) <= NEWEST:
        return None
    if not facts["executable"]:
        return None
    return Interpreter(facts)


def _candidates():
    yield "/usr/bin/python3"
    yield from _from_environment()
    yield from _in_folders(os.path.join(ROOT, ".deps/pythons/*/bin"))
    yield from _on_path()
    yield from _in_folders(os.path.expanduser("~/.pyenv/versions/*/bin"))


def _from_environment():
    return [path for path in os.environ.get("SCALENE_PYTHONS", "").split(":") if path]


def _on_path():
    for minor in range(OLDEST[1], NEWEST[1] + 1):
        for suffix in ("", "t"):
            path = shutil.which("python3.%d%s" % (minor, suffix))
            if path:
                yield path


def _in_folders(pattern):
    for path in sorted(glob(os.path.join(pattern, "python3.*"))):
        if re.match(r"python3\.\d+[td]*$", os.path.basename(path)):
            yield path


def main():
    parser = argparse.ArgumentParser(prog="tools/pythons", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="3.12, 3.13t or a full version")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    interpreters = find(options.names)
    if options.json:
        print(json.dumps([i.as_json() for i in interpreters], indent=2))
    else:
        for interpreter in interpreters:
            print("%-7s %-10s %s" % (interpreter.name, interpreter.full_name, interpreter.executable))
    return 0 if interpreters else 1


if __name__ == "__main__":
    sys.exit(main())
