"""Reads a payload (docs/payload.md), from its bytes or out of a standalone page. Written from the document alone."""

import array
import base64
import json
import re
import struct
import zlib

_TYPES = {"u8": "B", "u32": "I", "i32": "i", "f32": "f", "f64": "d"}


class Payload:
    def __init__(self, data):
        magic, self.version, header_bytes, blob_bytes = struct.unpack_from("<4sIII", data)
        assert magic == b"SCLP"
        self.header = json.loads(data[16:16 + header_bytes].decode("utf-8"))
        begin = (16 + header_bytes + 7) // 8 * 8
        self.blob = data[begin:]
        assert len(self.blob) == blob_bytes

    @classmethod
    def of_page(cls, html):
        embedded = re.findall(rb'<script type="application/octet-stream" id="p">([A-Za-z0-9+/=]*)</script>', html)
        assert len(embedded) == 1
        return cls(zlib.decompress(base64.b64decode(embedded[0]), -15))

    def column(self, owner, name):
        """The values of a column; text for utf8; None if there is none."""
        if name not in owner["columns"]:
            return None
        offset, count, kind = owner["columns"][name]
        if kind == "utf8":
            return self.blob[offset:offset + count].decode("utf-8")
        if kind == "dvar":
            return self._deltas(offset, count)
        values = array.array(_TYPES[kind])
        assert offset % values.itemsize == 0
        values.frombytes(self.blob[offset:offset + count * values.itemsize])
        return values.tolist()

    def _deltas(self, at, count):
        values, before = [], 0
        for _ in range(count):
            number = shift = 0
            while True:
                byte = self.blob[at]
                at += 1
                number |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            before += number >> 1 ^ -(number & 1)
            values.append(before)
        return values

    def file(self, ending):
        return next(each for each in self.header["files"] if each["path"].endswith(ending))

    def rows(self, owner, name):
        """{line: value} of one column of a file."""
        values = self.column(owner, name)
        return dict(zip(self.column(owner, "line"), values)) if values else {}

    def stacks(self, metric):
        """{(names from the outermost frame on): own weight}"""
        tree, strings = self.header["tree"], self.header["strings"]
        names, parents = self.column(tree, "name"), self.column(tree, "parent")
        paths, found = {0: ()}, {}
        for node in range(1, len(names)):
            assert parents[node] < node
            paths[node] = paths[parents[node]] + (strings[names[node]],)
        for node, weight in enumerate(self.column(tree, "self." + metric)):
            if weight:
                found[paths[node]] = found.get(paths[node], 0) + weight
        return found
