"""A million small objects that stay, on lines of known sizes, and a large block. Writes as JSON the true MiB live at the end
by label, and the highest footprint as the allocators hold it. Imports nothing that would be held as well.

    memory_many_live.py TRUTH
"""

import sys

MIB = 1 << 20
live, highest = {"block": 40}, 40.0


def held(size):
    return (size + 15) // 16 * 16 if size <= 512 else (size + 8 + 15) // 16 * 16 - 8


def places(label, count, asked, share_kept=1.0):
    global highest
    size = sys.getsizeof(bytes(asked))
    live[label] = count * size * share_kept / MIB
    highest += count * (held(size) + 8) / MIB
    return [None] * count


block = bytearray(40 * MIB)  #: block

small = places("small", 600000, 47)
for i in range(600000):
    small[i] = bytes(47)  #: small

middle = places("middle", 150000, 267)
for i in range(150000):
    middle[i] = bytes(267)  #: middle

large = places("large", 50000, 967)
for i in range(50000):
    large[i] = bytes(967)  #: large

halved = places("halved", 200000, 367, 0.5)
for i in range(200000):
    halved[i] = bytes(367)  #: halved
for i in range(0, 200000, 2):
    halved[i] = None

live = ", ".join('"%s": %r' % pair for pair in live.items())
with open(sys.argv[1], "w") as file:
    file.write('{"live": {%s}, "highest": %r}' % (live, highest))
