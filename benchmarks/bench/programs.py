"""The ten programs of pyperformance, and how often each repeats its work (2 to 4 s bare on the machine of the baseline)."""

import os
from dataclasses import dataclass

from . import places


@dataclass(frozen=True)
class Program:
    name: str
    folder: str
    loops: int
    args: tuple = ()

    @property
    def words(self):
        return [os.path.join(places.PROGRAMS, "bm_" + self.folder, "run_benchmark.py"), *self.args]


TEN = [
    Program("async_tree none", "async_tree", 5, ("none",)),
    Program("async_tree io", "async_tree", 3, ("io",)),
    Program("async_tree cpu_io_mixed", "async_tree", 4, ("cpu_io_mixed",)),
    Program("async_tree memoization", "async_tree", 4, ("memoization",)),
    Program("docutils", "docutils", 1),
    Program("fannkuch", "fannkuch", 6),
    Program("mdp", "mdp", 1),
    Program("pprint", "pprint", 1),
    Program("raytrace", "raytrace", 8),
    Program("sympy", "sympy", 2),
]


def matching(wanted):
    """The programs whose name contains one of the comma-separated words; all without words."""
    words = [word.strip() for word in wanted.split(",") if word.strip()] if wanted else []
    return [program for program in TEN if not words or any(word in program.name for word in words)]
