"""The Python face of Scalene.

`import scalene` changes nothing in a program but this: the name `profile` exists in builtins, so that `@profile` works
with and without Scalene. No environment, no further imports. Everything else loads when it is first asked for.

    python3 -m scalene run prog.py      profile a program
    @profile                            mark a function: then only marked functions are listed
    scalene.start(), scalene.stop()     resume and suspend, under `scalene run`
"""

import builtins

__all__ = ["enable_profiling", "profile", "scalene_profiler", "start", "stop"]


def profile(function):
    """Marks a function, method or class for Scalene, and returns it as it is."""
    return function


if not hasattr(builtins, "profile"):
    builtins.profile = profile


def __getattr__(name):
    if name in ("start", "stop", "enable_profiling", "scalene_profiler"):
        from importlib import import_module

        module = import_module("scalene.scalene_profiler")
        return module if name == "scalene_profiler" else getattr(module, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("scalene")
    raise AttributeError("module 'scalene' has no attribute %r" % name)
