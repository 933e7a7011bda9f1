"""`python3 -m scalene.profile --on|--off --pid N`: switch the profiling of a running program on or off."""

import os
import sys

USAGE = "usage: python3 -m scalene.profile (--on | --off) --pid N\n"


def parse(words):
    """(switch on?, pid), or None if the words say anything but one switch and one pid."""
    on = pid = None
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("--on", "--off") and on is None:
            on = word == "--on"
        elif word == "--pid" and words and words[0].isdigit() and pid is None:
            pid = int(words.pop(0))
        elif word.startswith("--pid=") and word[6:].isdigit() and pid is None:
            pid = int(word[6:])
        else:
            return None
    return None if on is None or pid is None else (on, pid)


def main():
    words = sys.argv[1:]
    if words in (["-h"], ["--help"]):
        sys.stdout.write(USAGE)
        return 0
    request = parse(words)
    if request is None:
        sys.stderr.write(USAGE)
        return 2
    on, pid = request
    from scalene.__main__ import binary

    path = binary()
    try:
        os.execv(path, ["scalene", "on" if on else "off", str(pid)])
    except OSError as error:
        sys.stderr.write("Scalene: cannot start %s: %s\n" % (path, error.strerror))
        return 125


if __name__ == "__main__":
    sys.exit(main())
