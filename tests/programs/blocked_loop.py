"""An event loop that one coroutine keeps from running two others: by a call that blocks, and by computing.

    blocked_loop.py TRUTH SECONDS
"""

import asyncio
import sys
import time

from ground_truth import Clocks


async def victim(done):
    while not done:
        await asyncio.sleep(0.03)  #: victim


def measured(label, action):
    began = time.perf_counter()
    action()
    clocks.add(label, time.perf_counter() - began)


def block():
    time.sleep(0.3)  #: block


def compute():
    end = time.perf_counter() + 0.3
    while time.perf_counter() < end:  #: compute
        pass  #: compute


async def main(seconds):
    done = []
    victims = [asyncio.ensure_future(victim(done)) for _ in range(2)]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        await asyncio.sleep(0.25)  #: between
        measured("block", block)
        await asyncio.sleep(0.25)  #: between
        measured("compute", compute)
    done.append(True)
    await asyncio.gather(*victims)


clocks = Clocks()
asyncio.run(main(float(sys.argv[2])))
clocks.write(sys.argv[1])
