"""Prints the line tables of many code objects, and what this interpreter itself makes of them, for line_table_test.

For each code object one line: first line, the table in hex ("-" when empty), the length of the bytecode in bytes; then
runs of instructions START:END:LINE (bytes; line 0 = none).
"""

import dis
import os
import sys

MODULES = ["_pydecimal", "argparse", "ast", "asyncio/tasks", "asyncio/streams", "contextlib", "dataclasses", "inspect",
           "tempfile", "typing", "xml/dom/minidom"]


def extremes():
    """Sources whose tables have what ordinary code lacks: long jumps, backward jumps, huge functions, no lines."""
    far = "def far():\n    x = 1" + "\n" * 1000 + "    return x\n"
    huge = "def huge(a):\n" + "".join("    a = a + %d\n" % i for i in range(3000))
    back = "def back(f):\n    return f(1,\n" + "\n" * 300 + "             f(2), [f(i)\n  for i in (3,)],\n        f)\n"
    guarded = "def guarded(f):\n    with f as g:\n        try:\n            yield g\n        finally:\n            g.x = 1\n"
    wide = "wide = [" + ", ".join("v%d" % i for i in range(400)) + "]\n"
    matched = "def m(v):\n  match v:\n    case [a, b]:\n      return a\n    case {'k': c}:\n      return c\n  return None\n"
    deco = "@a\n@b(\n  1)\nclass C(d):\n    'doc'\n    x: int = 1\n    async def m(self):\n        await x\n"
    return [far, huge, back, guarded, wide, deco] + ([matched] if sys.version_info >= (3, 10) else [])


def nested(code):
    yield code
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            for inner in nested(constant):
                yield inner


def runs(code):
    if hasattr(code, "co_lines"):
        return [(start, end, line or 0) for start, end, line in code.co_lines()]
    starts = list(dis.findlinestarts(code))
    if not starts or starts[0][0] != 0:
        starts.insert(0, (0, code.co_firstlineno))
    ends = [start for start, _ in starts[1:]] + [len(code.co_code)]
    return [(start, end, line) for (start, line), end in zip(starts, ends)]


def main():
    folder = os.path.dirname(os.__file__)
    sources = [(source, "<extreme>") for source in extremes()]
    for name in MODULES:
        path = os.path.join(folder, name + ".py")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as text:
                sources.append((text.read(), path))
    for source, path in sources:
        for code in nested(compile(source, path, "exec", dont_inherit=True)):
            table = code.co_linetable if sys.version_info >= (3, 10) else code.co_lnotab
            print(code.co_firstlineno, table.hex() or "-", len(code.co_code),
                  " ".join("%d:%d:%d" % run for run in runs(code)))


main()
