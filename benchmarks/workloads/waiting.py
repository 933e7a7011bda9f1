"""Waits in many places at once, without computing.

    waiting.py threads|tasks NUMBER SECONDS
"""

import asyncio
import sys
import threading
import time

kind, number, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])


async def pause():
    await asyncio.sleep(seconds)


async def pauses():
    await asyncio.gather(*(pause() for _ in range(number)))


if kind == "tasks":
    asyncio.run(pauses())
else:
    threading.stack_size(65536)
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(number)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    done.set()
