"""Makes 100,000 code objects, runs each and throws it away. They lie at ever the same addresses.

    code_objects.py TRUTH COUNT

Half of them claim to be line A of this file, half line B (the `pass` lines below), in blocks: a profiler that knows a
code object by its address alone credits A's time to B. Making them is timed too.
"""

import sys
import time

from ground_truth import Clocks

if False:
    pass  #: first
    pass  #: second

with open(__file__) as source:
    PLACES = {label: number for number, text in enumerate(source, 1) for label in ("first", "second")
              if text.endswith("pass  #: %s\n" % label)}


def make(label, count):
    text = "\n" * (PLACES[label] - 1) + "for i in numbers: value = (i * 31 + 7) % 1000003"
    return [compile(text, __file__, "exec") for _ in range(count)]  #: compile


def run(codes, names):
    for code in codes:  #: run
        exec(code, names)  #: run


BATCH = 2000  # some 20 ms of work: longer than the interval between samples
clocks = Clocks()
total = int(sys.argv[2])
# "second" runs longer than "first", so that the two cannot be mistaken for each other.
names = {"first": {"numbers": range(200)}, "second": {"numbers": range(500)}}
made = 0
while made < total:
    for label in ("first", "second"):
        began = time.thread_time()
        codes = make(label, BATCH)
        compiled = time.thread_time()
        run(codes, names[label])
        ran = time.thread_time()
        codes = None
        clocks.add("compile", compiled - began)
        clocks.add(label, ran - compiled)
        made += BATCH
clocks.facts["made"] = made
clocks.write(sys.argv[1])
