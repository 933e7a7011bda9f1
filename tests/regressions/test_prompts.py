"""The prompts of the reference: NaN % on quiet lines, GPU use times 100, core use over CPU use, one text for both goals, no imports."""

import json
import re
import subprocess

import pytest

from support import scalene
from support.advised import profile, without_keys  # noqa: F401, a fixture


@pytest.fixture
def prompt(profile, tmp_path):
    """prompt(*words, line=…) → the prompt, with the values of line 6 of the profile replaced."""
    def write(*words, **values):
        document = json.loads(profile.read_text())
        (entry,) = document["files"].values()
        entry["lines"][5].update(values)
        profile.write_text(json.dumps(document))
        return subprocess.run([scalene.binary(), "advise", "--prompt", *words, profile], capture_output=True, text=True, check=True,
                              env=without_keys(tmp_path)).stdout
    return write


@pytest.mark.parametrize("place", ["app.py:1", "app.py:2", "app.py:6"])
def test_a_region_without_samples_has_no_number_that_is_none(prompt, place):
    text = prompt("--at", place, "--region", "line", n_cpu_percent_python=0.0, n_cpu_percent_c=0.0, n_gpu_percent=0.0, n_core_utilization=0.0,
                  n_malloc_mb=0.0)
    assert not re.search(r"(?i)nan|inf\b|undefined|Profile of the region", text)


@pytest.mark.parametrize("percent, said", [(0.4, None), (1.0, "1.0 % GPU"), (37.5, "37.5 % GPU"), (100.0, "100 % GPU")])
def test_gpu_use_is_the_percentage_that_was_measured(prompt, percent, said):
    found = re.findall(r"(\S+ % GPU)", prompt(n_gpu_percent=percent))
    assert found == ([said] if said else []) or found == [said.replace("100 %", "100.0 %")]


@pytest.mark.parametrize("cpu", [1.0, 20.0, 90.0])
def test_core_use_does_not_depend_on_the_time_of_the_line(prompt, cpu):
    assert "25.0 % of the usable CPUs busy meanwhile." in prompt(n_cpu_percent_python=cpu, n_core_utilization=0.25)


def test_the_goal_changes_the_prompt(prompt):
    speed, memory = prompt("--goal", "speed"), prompt("--goal", "memory")
    assert "make the region below faster" in speed and "use less memory" not in speed
    assert "use less memory" in memory and "faster" not in memory
    assert "allocated, peak of a line 8 MB; the program's peak is 8 MB." in memory


def test_the_imports_of_the_file_are_told(prompt):
    assert "Native modules imported in this file:\n  import time\n" in prompt()
