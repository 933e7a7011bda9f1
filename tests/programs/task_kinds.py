"""Tasks that wait in one way each: a wait with a time limit, a shielded one, an async generator, a thread, a group.

    task_kinds.py TRUTH SECONDS
"""

import asyncio
import functools
import sys
import time

from ground_truth import Clocks


async def limited(seconds):
    try:
        await asyncio.wait_for(asyncio.get_running_loop().create_future(), seconds)  #: wait_for
    except asyncio.TimeoutError:
        pass


async def shielded(seconds):
    await asyncio.shield(asyncio.ensure_future(asyncio.sleep(seconds)))  #: shield


async def ticks(seconds):
    await asyncio.sleep(seconds)  #: generator
    yield 1


async def iterated(seconds):
    async for tick in ticks(seconds):
        pass


async def threaded(seconds):
    call = functools.partial(time.sleep, seconds)
    await asyncio.get_running_loop().run_in_executor(None, call)  #: thread


async def member(seconds):
    await asyncio.sleep(seconds)  #: member


async def grouped(seconds):
    if not hasattr(asyncio, "TaskGroup"):
        return await member(seconds)
    async with asyncio.TaskGroup() as group:  #: group
        group.create_task(member(seconds))


async def main(seconds):
    kinds = (limited, shielded, iterated, threaded, grouped)
    await asyncio.gather(*(kind(seconds) for kind in kinds))


clocks = Clocks()
asyncio.run(main(float(sys.argv[2])))
clocks.write(sys.argv[1])
