"""A program that can be improved, its profile, and what a service proposes."""

import json
import subprocess

import pytest

from support import scalene
from support.ai_servers import PROTOCOLS

SOURCE = """import os

def total(xs):
    result = 0
    for x in xs:
        result += x
    return result

print(total(range(10)))
"""
CHANGED = SOURCE.replace("    result = 0\n    for x in xs:\n        result += x\n    return result\n", "    return sum(xs)\n")
ANSWER = """It is `sum`, naïvely.

```diff
@@ -3,5 +3,2 @@
 def total(xs):
-    result = 0
-    for x in xs:
-        result += x
-    return result
+    return sum(xs)
```
"""


def without_keys(tmp_path):
    kept = scalene.clean_environment(tmp_path)
    for protocol in PROTOCOLS.values():
        for name in protocol.environment:
            kept.pop(name, None)
    kept.pop("https_proxy", None), kept.pop("http_proxy", None)
    kept["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    return kept


@pytest.fixture
def profile(tmp_path):
    """A profile in the reference's form of a program whose line 6 is hot; its path."""
    program = tmp_path / "app.py"
    program.write_text(SOURCE)
    lines = [{"lineno": i, "line": text, "n_cpu_percent_python": 90.0 if i == 6 else 0.0, "n_cpu_percent_c": 4.0 if i == 6 else 0.0,
              "n_sys_percent": 0.0, "n_gpu_percent": 37.5 if i == 6 else 0.0, "n_core_utilization": 0.25 if i == 6 else 0.0,
              "n_malloc_mb": 12.5 if i == 6 else 0.0, "n_peak_mb": 8.0 if i == 6 else 0.0, "start_region_line": 3, "end_region_line": 7, "start_function_line": 3 if 3 <= i <= 7 else 0,
              "end_function_line": 7 if 3 <= i <= 7 else 0}
             for i, text in enumerate(SOURCE.splitlines(keepends=True), 1)]
    subprocess.run([scalene.binary().parent.parent / "tests" / "profile_tool", "sample", "example", tmp_path / "p.json"], check=True)
    document = json.loads((tmp_path / "p.json").read_text())
    (entry,) = document["files"].values()
    blank = {**entry["lines"][0], "ext": {}, "memory_samples": [], "cpu_samples_list": []}
    for key, value in blank.items():
        if key.startswith("n_") and isinstance(value, (int, float)):
            blank[key] = type(value)(0)
    entry["lines"] = [{**blank, **{k: v for k, v in line.items() if k in blank or k in ("start_region_line", "end_region_line")}}
                      for line in lines]
    for line in entry["lines"]:
        inside = 3 <= line["lineno"] <= 7
        line["start_region_line"], line["end_region_line"] = \
            (5, 6) if line["lineno"] in (5, 6) else (3, 7) if inside else (line["lineno"], line["lineno"])
        line["start_outermost_loop"], line["end_outermost_loop"] = (5, 6) if line["lineno"] in (5, 6) else (line["lineno"],) * 2
        line["start_function_line"], line["end_function_line"] = (3, 7) if inside else (0, 0)
    document.update(max_footprint_mb=8.0, files={str(program): entry}, program=str(program), args=["app.py", "two words"])
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(document))
    return path
