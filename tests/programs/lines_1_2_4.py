"""Three lines with 1, 2 and 4 times the same operation, run in turn: their costs are as 1 : 2 : 4.

    lines_1_2_4.py TRUTH SECONDS

The truth is counted, not clocked: reading a clock takes longer than the lines do.
"""

import sys
import time

from ground_truth import Clocks


def loop(count, a, b, c):
    for _ in range(count):
        x = (a * b + c) % a; x = (a * b + c) % a; x = (a * b + c) % a; x = (a * b + c) % a  #: four
        x = (a * b + c) % a  #: one
        x = (a * b + c) % a; x = (a * b + c) % a  #: two
    return x


clocks = Clocks()
end = time.process_time() + float(sys.argv[2])
while time.process_time() < end:
    loop(20000, 123457, 7919, 31)
clocks.write(sys.argv[1])
