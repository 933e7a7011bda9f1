"""`python3 -m scalene` and the installed command `scalene`: becomes the scalene binary of this package.

The binary is told which interpreter called it (SCALENE_PYTHON), so that it profiles with that one. Only modules that
the interpreter has loaded anyway are imported: a `types.py` in the working directory must not get in between.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def binary():
    """The scalene binary: in an installed package beside this file, in a source tree where `make build` leaves it."""
    installed = os.path.join(HERE, "bin", "scalene")
    if os.path.exists(installed):
        return installed
    return os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "release", "bin", "scalene")


def main():
    path = binary()
    if sys.executable:
        os.environ["SCALENE_PYTHON"] = sys.executable
    try:
        os.execv(path, ["scalene"] + sys.argv[1:])
    except OSError as error:
        if not sys.platform.startswith("linux"):
            sys.stderr.write("Scalene: this build runs on Linux (x86-64, aarch64).\n")
        else:
            sys.stderr.write("Scalene: cannot start %s: %s\n" % (path, error.strerror))
        return 125


if __name__ == "__main__":
    sys.exit(main())
