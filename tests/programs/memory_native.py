"""Memory that C code allocates, through ctypes.

    memory_native.py LIBRARY
"""

import ctypes
import mmap
import sys
import time

library = ctypes.CDLL(sys.argv[1])
library.grow.restype = library.keep.restype = ctypes.c_void_p
library.grow.argtypes = library.keep.argtypes = [ctypes.c_long]
library.give_back.argtypes = [ctypes.c_void_p]
library.allocate_on_a_thread.argtypes = [ctypes.c_long]

library.allocate_on_a_thread(300)  #: waits
time.sleep(0.05)  #: waits
grown = library.grow(128)  #: grown
block = library.keep(50 << 20)  #: malloc
mapped = mmap.mmap(-1, 24 << 20)  #: mapped
mapped.close()
library.give_back(grown)
library.give_back(block)
