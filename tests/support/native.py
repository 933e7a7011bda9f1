"""Compiles the C helpers of test programs."""

import shutil
import subprocess

import pytest

from support.scalene import PROGRAMS


def shared_library(source, folder):
    """Compiles tests/programs/SOURCE into a shared library in `folder`; returns its path."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        pytest.fail("no C compiler found: run tools/setup test", pytrace=False)
    library = folder / source.replace(".c", ".so")
    subprocess.run([compiler, "-O2", "-fPIC", "-shared", "-pthread", "-o", str(library), str(PROGRAMS / source)],
                   check=True)
    return library
