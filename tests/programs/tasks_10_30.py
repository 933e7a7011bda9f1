"""Ten tasks that wait in one coroutine, thirty in another one three calls deep, and the one that gathers them all.

    tasks_10_30.py TRUTH SECONDS
"""

import asyncio
import sys
import time

from ground_truth import Clocks


async def shallow(until):
    while time.perf_counter() < until:
        await asyncio.sleep(0.05)  #: shallow


async def innermost():
    await asyncio.sleep(0.05)  #: deep


async def middle():
    await innermost()  #: outer


async def outermost(until):
    while time.perf_counter() < until:
        await middle()  #: outer


async def main(seconds):
    until = time.perf_counter() + seconds
    tasks = [shallow(until) for _ in range(10)] + [outermost(until) for _ in range(30)]
    await asyncio.gather(*tasks)  #: gather


clocks = Clocks()
seconds = float(sys.argv[2])
asyncio.run(main(seconds))
clocks.add("loop", seconds)
clocks.write(sys.argv[1])
