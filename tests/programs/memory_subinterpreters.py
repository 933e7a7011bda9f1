"""A second interpreter holds 40 MiB, in blocks and in small objects, and goes."""

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import time

other = interpreters.create()
interpreters.run_string(other, "kept = [bytearray(1 << 20) for _ in range(30)]\n"
                               "small = [bytes(480) for _ in range(10 * 2048)]\n")
time.sleep(0.1)
interpreters.destroy(other)
time.sleep(0.1)
block = bytearray(5 << 20)
