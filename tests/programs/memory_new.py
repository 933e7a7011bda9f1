"""Memory of C++'s operator new, through ctypes.

    memory_new.py LIBRARY
"""

import ctypes
import sys

library = ctypes.CDLL(sys.argv[1])
library.large.restype = library.small.restype = ctypes.c_void_p
library.large.argtypes = library.small.argtypes = [ctypes.c_long]
library.give_back.argtypes = [ctypes.c_void_p]

block = library.large(40)  #: large
small = library.small(30000)  #: small
library.give_back(block)
