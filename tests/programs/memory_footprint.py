"""Three humps of known height, the second one on a line of its own. Writes what was held at the highest moment, in MiB.
Imports nothing that would be held as well.

    memory_footprint.py TRUTH
"""

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
    file.write('{"highest": %d, "end": %d}' % (16 + 180, 16))
