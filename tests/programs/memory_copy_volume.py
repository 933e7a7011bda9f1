"""As many copies as 6,000 samples at a window of 16 MiB need, of two sizes. Writes the true MiB by label.

    memory_copy_volume.py TRUTH LIBRARY
"""

import ctypes
import json
import sys

MIB = 6000 * 16
library = ctypes.CDLL(sys.argv[2])
library.copy_many.argtypes = [ctypes.c_long, ctypes.c_long]

library.copy_many(MIB << 14, 64)  #: small
library.copy_many(MIB << 8, 4096)  #: middle
with open(sys.argv[1], "w") as file:
    json.dump({"small": MIB, "middle": MIB}, file)
