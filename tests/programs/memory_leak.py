"""Ten lines that allocate all the time; one of them leaks. A cache is filled once, another one is bounded."""

import sys
import time

seconds = float(sys.argv[1])
leaked, kept, bounded, filled = [], [None] * 7, {}, []


def work(number):
    kept[0] = bytes(40000)
    kept[1] = bytes(40001)
    kept[2] = bytes(40002)
    kept[3] = bytes(40003)
    kept[4] = bytes(40004)
    leaked.append(bytes(60000))  #: leak
    kept[5] = bytes(40005)
    kept[6] = bytes(40006)
    bounded[number % 50] = bytes(60001)  #: bounded
    if len(filled) < 100:
        filled.append(bytes(60002))  #: filled


end = time.monotonic() + seconds
number = 0
while time.monotonic() < end:
    work(number)
    number += 1
    time.sleep(0.003)
