"""Every way to write code that is not a plain function call, each a label of its own.

    constructs.py TRUTH SECONDS

facts: `objects` = how many objects ran through __init__.
"""

import asyncio
import sys

from ground_truth import Clocks


def numbers(count):  #: generator
    value = 1  #: generator
    for i in range(count):  #: generator
        value = (value * 31 + i) % 1000003  #: generator
        yield value  #: generator


def generator(count):
    for _ in numbers(count * 100):  #: generator
        pass  #: generator


def comprehension(count):  #: comprehension
    for start in range(count):  #: comprehension
        [  #: comprehension
            (start * 31 + i) % 1000003  #: comprehension
            for i in range(100)  #: comprehension
            if i % 7  #: comprehension
        ]  #: comprehension


by_lambda = lambda value, i: (value * 31 + i) % 1000003  #: lambda


def lambdas(count):  #: lambda
    value = 1  #: lambda
    for i in range(count * 100):  #: lambda
        value = by_lambda(value, i)  #: lambda


def counted(function):
    def wrapper(*arguments):  #: decorator
        return function(*arguments)  #: decorator
    return wrapper


@counted  #: decorator
def decorated(value, i):  #: decorator
    return (value * 31 + i) % 1000003  #: decorator


def decorators(count):  #: decorator
    value = 1  #: decorator
    for i in range(count * 100):  #: decorator
        value = decorated(value, i)  #: decorator


def class_bodies(count):  #: class_body
    class Table:  #: class_body
        value = 1  #: class_body
        for i in range(count * 100):  #: class_body
            value = (value * 31 + i) % 1000003  #: class_body


class Point:
    def __init__(self, x, y):  #: init
        self.x = x  #: init
        self.y = y  #: init


def objects(count):  #: init
    for i in range(count * 100):  #: init
        Point(i, i)  #: init
    clocks.facts["objects"] = clocks.facts.get("objects", 0) + count * 100  #: init


async def inner(value, i):  #: coroutine
    return (value * 31 + i) % 1000003  #: coroutine


async def outer(count):  #: coroutine
    value = 1  #: coroutine
    for i in range(count * 100):  #: coroutine
        value = await inner(value, i)  #: coroutine


def coroutines(count):
    asyncio.run(outer(count))  #: coroutine


TEXT = """
value = 1
for i in range(count * 100):
    value = (value * 31 + i) % 1000003
"""


def executed(count):
    exec(compile(TEXT, "<some text>", "exec"), {"count": count})  #: exec


clocks = Clocks()
asyncio.run(outer(1))  # what the event loop imports late stays out of the blocks
clocks.alternate(float(sys.argv[2]), {
    "generator": (1, generator), "comprehension": (1, comprehension), "lambda": (1, lambdas),
    "decorator": (1, decorators), "class_body": (1, class_bodies), "init": (1, objects), "coroutine": (1, coroutines),
    "exec": (1, executed),
})
clocks.write(sys.argv[1])
