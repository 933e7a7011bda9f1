#!/usr/bin/env python3
"""Prints a C++ header: which characters take two cells of a terminal, and which none.

usage: tools/gen_character_widths.py > character_widths_generated.h, by render/CMakeLists.txt
"""
import sys
import unicodedata

WIDE, ZERO = "Wide", "Zero"


def kind(code):
    character = chr(code)
    if unicodedata.category(character) in ("Mn", "Me") or 0x1160 <= code <= 0x11FF:
        return ZERO  # combining marks, and the Hangul vowels and finals that join the syllable before them
    unassigned = unicodedata.category(character) == "Cn"  # Python says "F" for these
    if not unassigned and unicodedata.east_asian_width(character) in "WF":
        return WIDE
    if 0x20000 <= code <= 0x3FFFD:
        return WIDE  # planes set aside for ideographs
    return None


def ranges(wanted):
    start = None
    for code in range(0x80, 0x110001):
        inside = code < 0x110000 and kind(code) == wanted
        if inside and start is None:
            start = code
        if not inside and start is not None:
            yield start, code - 1
            start = None


def table(wanted):
    entries = [f"{{0x{first:x}, 0x{last:x}}}" for first, last in ranges(wanted)]
    print(f"inline constexpr CodePointRange k{wanted}Characters[] = {{")
    for at in range(0, len(entries), 5):
        print("    " + ", ".join(entries[at : at + 5]) + ",")
    print("};\n")


def main():
    print("// Made by tools/gen_character_widths.py from Unicode " + unicodedata.unidata_version + ". Sorted, inclusive.")
    print("// clang-format off\n#pragma once\n\nnamespace scalene::render {\n")
    print("struct CodePointRange {\n  char32_t first, last;\n};\n")
    table(WIDE)
    table(ZERO)
    print("}  // namespace scalene::render")


if __name__ == "__main__":
    sys.exit(main())
