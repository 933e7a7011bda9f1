#!/usr/bin/env python3
"""Turns the bundle of the page into C++: the two texts, and the hashes that a content security policy names.

    embed_page.py FOLDER > page_assets_generated.cc        FOLDER holds app.js, app.css, later.js, ai.js and ai.css
"""

import base64
import hashlib
import pathlib
import sys

# A script that held one of these would end, or change, the element it stands in.
FORBIDDEN = {".js": (b"</script", b"<!--", b"<script"), ".css": (b"</style", b"<!--")}
ASSETS = (("app.js", "PageScript"), ("app.css", "PageStyle"), ("later.js", "LaterScript"), ("ai.js", "DrawerScript"),
          ("ai.css", "DrawerStyle"))
CHUNK = 8000  # bytes of one string literal: compilers need not take more than 65,536


def literal(data):
    lines = []
    for start in range(0, len(data), CHUNK):
        text = "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else "\\%03o" % byte
                       for byte in data[start:start + CHUNK])
        lines.append('    "%s"' % text)
    return "\n".join(lines) or '    ""'


def sha256(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def main():
    folder = pathlib.Path(sys.argv[1])
    print('// Written by tools/embed_page.py.\n#include "render/page_assets.h"\n\nnamespace scalene::render {\n')
    for name, constant in ASSETS:
        data = (folder / name).read_bytes()
        for text in FORBIDDEN[pathlib.Path(name).suffix]:
            if text in data.lower():
                sys.exit("%s contains %r, which must not stand in a page" % (folder / name, text.decode()))
        print("PageAsset %s() {\n  return {std::string_view(\n%s,\n    %d), \"%s\"};\n}\n"
              % (constant, literal(data), len(data), sha256(data)))
    print("}  // namespace scalene::render")


main()
