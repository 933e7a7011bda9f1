"""Three humps of known height, the second one on a line of its own. Writes what was held at the highest moment, in MiB.

    memory_footprint.py TRUTH
"""

import json
import sys

MIB = 1 << 20


def hump(mib):
    block = bytearray(mib * MIB)
    small = [bytes(5000) for _ in range(1000)]
    del block
    return len(small)


base = [bytearray(2 * MIB) for _ in range(8)]
hump(100)
high = bytearray(180 * MIB)  #: highest
del high
hump(60)
with open(sys.argv[1], "w") as file:
    json.dump({"highest": 16 + 180, "end": 16}, file)
