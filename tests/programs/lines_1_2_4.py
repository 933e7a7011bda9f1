"""Three lines with 1, 2 and 4 times the same operation, run in turn: their costs are as 1 : 2 : 4.

    lines_1_2_4.py TRUTH SECONDS

The truth is counted, not clocked: reading a clock takes as long as the lines do.
"""

import sys
import time

from ground_truth import Clocks

# Numbers of 2,000 and 1,300 bits: a product takes long beside the loop around it, and always as long.
A, B = 3 ** 1300, 7 ** 450


def loop(count, a, b):
    for _ in range(count):
        x = a * b; x = a * b; x = a * b; x = a * b  #: four
        x = a * b  #: one
        x = a * b; x = a * b  #: two
    return x


clocks = Clocks()
end = time.process_time() + float(sys.argv[2])
while time.process_time() < end:
    loop(2000, A, B)
clocks.write(sys.argv[1])
