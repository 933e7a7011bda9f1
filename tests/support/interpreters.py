"""Which interpreters a test runs on. Finding them is the business of tools/pythons.py."""

import functools
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools"))

import pythons  # noqa: E402  (found through the line above)


@functools.lru_cache(maxsize=None)
def found():
    """Every interpreter found, Debian's own first."""
    interpreters = pythons.find()
    if not interpreters:
        raise RuntimeError("no CPython 3.8-3.15 found, not even /usr/bin/python3: run tools/setup test")
    return interpreters


def own():
    return found()[0]


def for_test(mode, *, short, own_only):
    """The interpreters on which one test runs; mode is the value of --interpreters."""
    everywhere = mode == "all" or (mode == "short" and short)
    return found() if everywhere and not own_only else [own()]
