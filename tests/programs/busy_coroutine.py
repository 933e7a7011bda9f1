"""A coroutine that computes beside a thousand tasks that are cancelled at once: nothing awaits.

    busy_coroutine.py TRUTH SECONDS
"""

import asyncio
import sys
import time

from ground_truth import Clocks


async def forever():
    await asyncio.sleep(3600)  #: cancelled


async def compute(seconds):
    end = time.process_time() + seconds  #: compute
    while time.process_time() < end:  #: compute
        pass  #: compute


async def main(seconds):
    tasks = [asyncio.ensure_future(forever()) for _ in range(1000)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await compute(seconds)
    await asyncio.sleep(seconds)  #: sleep


clocks = Clocks()
seconds = float(sys.argv[2])
asyncio.run(main(seconds))
clocks.add("compute", seconds)
clocks.write(sys.argv[1])
