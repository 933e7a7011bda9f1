"""Tasks that wait under uvloop, or under anyio on asyncio: five on one line, fifteen on another, deeper one.

    other_loops.py TRUTH uvloop|anyio SECONDS
"""

import asyncio
import sys

from ground_truth import Clocks


async def sleep(seconds):
    if sys.argv[2] == "anyio":
        return await anyio.sleep(seconds)  #: anyio
    await asyncio.sleep(seconds)  #: uvloop


async def shallow(seconds):
    await asyncio.sleep(seconds)  #: shallow


async def deep(seconds):
    await sleep(seconds)


async def gather(seconds):
    await asyncio.gather(*(work(seconds) for work in [shallow] * 5 + [deep] * 15))  #: gather


async def group(seconds):
    async with anyio.create_task_group() as tasks:  #: group
        for work in [shallow] * 5 + [deep] * 15:
            tasks.start_soon(work, seconds)


clocks = Clocks()
if sys.argv[2] == "anyio":
    import anyio
    anyio.run(group, float(sys.argv[3]))
else:
    import uvloop
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(gather(float(sys.argv[3])))
clocks.write(sys.argv[1])
