"""Where things are in the source tree."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BENCHMARKS = os.path.join(ROOT, "benchmarks")
STAND_IN = os.path.join(BENCHMARKS, "stand_in")
WORKLOADS = os.path.join(BENCHMARKS, "workloads")
BASELINES = os.path.join(BENCHMARKS, "baselines")
PROGRAMS = os.path.join(ROOT, ".deps", "bench", "programs")
ENVIRONMENT = os.path.join(ROOT, ".deps", "bench", "venv")

# Debian's interpreter, seen through the environment that tools/install-bench makes.
PYTHON = os.path.join(ENVIRONMENT, "bin", "python3")
# Another build can be measured with SCALENE_BENCH_BINARY; its agent is found beside it.
SCALENE = os.environ.get("SCALENE_BENCH_BINARY") or os.path.join(ROOT, "build", "release", "bin", "scalene")


def missing():
    """What has to be there before anything can be measured, as one sentence; None if all is."""
    if not os.path.exists(SCALENE):
        return f"{os.path.relpath(SCALENE, ROOT)} is not built; run `make build`"
    if not os.path.exists(PYTHON):
        return "the programs to measure are not installed; run `tools/install-bench`"
    return None
