"""Event loops in three threads, each with tasks of its own.

    loops_in_threads.py TRUTH SECONDS
"""

import asyncio
import sys
import threading

from ground_truth import Clocks


async def first():
    await asyncio.sleep(seconds)  #: first


async def second():
    await asyncio.sleep(seconds)  #: second


async def third():
    await asyncio.sleep(seconds)  #: third


clocks = Clocks()
seconds = float(sys.argv[2])
threads = [threading.Thread(target=lambda run=run: asyncio.run(run())) for run in (first, second, third)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
clocks.add("loops", seconds)
clocks.write(sys.argv[1])
