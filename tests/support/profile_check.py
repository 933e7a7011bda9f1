"""The rules every profile keeps, whatever was profiled and however the run ended (docs/profile-format.md).

`check_profile` is called on every profile that a test makes. It reports all violations at once, so that one broken rule
does not hide the next. Needs nothing but the standard library; knows nothing about how the profile was made.
"""

import json
import math
from pathlib import Path

REQUIRED, OPTIONAL = True, False
TOLERANCE = 1e-6  # relative; the writer prints doubles exactly, so only the order of additions is allowed to differ

NUMBER = (int, float)
TOP_LEVEL = {
    "alloc_samples": (int, REQUIRED),
    "args": ((list, type(None)), OPTIONAL),
    "async_profile": (bool, OPTIONAL),
    "combined_stacks": (list, OPTIONAL),
    "combined_stacks_timeline": (list, OPTIONAL),
    "elapsed_time_sec": (float, REQUIRED),
    "entrypoint_dir": (str, REQUIRED),
    "ext": (dict, OPTIONAL),
    "filename": (str, REQUIRED),
    "files": (dict, REQUIRED),
    "gpu": (bool, REQUIRED),
    "gpu_device": (str, REQUIRED),
    "growth_rate": (float, REQUIRED),
    "main_thread_id": ((int, type(None)), OPTIONAL),
    "max_footprint_fname": ((str, type(None)), REQUIRED),
    "max_footprint_lineno": ((int, type(None)), REQUIRED),
    "max_footprint_mb": (float, REQUIRED),
    "max_footprint_python_fraction": (float, REQUIRED),
    "memory": (bool, REQUIRED),
    "memory_stacks": (list, OPTIONAL),
    "native_allocations_mb": (float, OPTIONAL),
    "program": (str, REQUIRED),
    "samples": (list, REQUIRED),
    "stacks": (list, REQUIRED),
    "start_time_absolute": (float, REQUIRED),
    "start_time_perf": (float, REQUIRED),
}

FILE = {
    "ext": (dict, OPTIONAL),
    "functions": (list, REQUIRED),
    "imports": (list, REQUIRED),
    "leaks": (dict, REQUIRED),
    "lines": (list, REQUIRED),
    "percent_cpu_time": (float, REQUIRED),
}

# name: (type, required, lowest, highest); None where there is no bound.
ROW = {
    "async_task_names": (list, OPTIONAL, None, None),
    "cpu_samples_list": (list, REQUIRED, None, None),
    "ext": (dict, OPTIONAL, None, None),
    "is_coroutine": (bool, OPTIONAL, None, None),
    "line": (str, REQUIRED, None, None),
    "lineno": (int, REQUIRED, 1, None),
    "memory_samples": (list, REQUIRED, None, None),
    "n_async_await_percent": (float, OPTIONAL, 0, 100),
    "n_async_concurrency_mean": (float, OPTIONAL, 0, None),
    "n_async_concurrency_peak": (float, OPTIONAL, 0, None),
    "n_avg_mb": (float, REQUIRED, 0, None),
    "n_copy_mb_s": (float, REQUIRED, 0, None),
    "n_core_utilization": (float, REQUIRED, 0, 1),
    "n_cpu_percent_c": (float, REQUIRED, 0, 100),
    "n_cpu_percent_python": (float, REQUIRED, 0, 100),
    "n_gpu_avg_memory_mb": (float, REQUIRED, 0, None),
    "n_gpu_peak_memory_mb": (float, REQUIRED, 0, None),
    "n_gpu_percent": (float, REQUIRED, 0, 100),
    "n_growth_mb": (float, REQUIRED, 0, None),
    "n_malloc_mb": (float, REQUIRED, 0, None),
    "n_mallocs": (int, REQUIRED, 0, None),
    "n_peak_mb": (float, REQUIRED, 0, None),
    "n_python_fraction": (float, REQUIRED, 0, 1),
    "n_sys_percent": (float, REQUIRED, 0, 100),
    "n_usage_fraction": (float, REQUIRED, 0, 1),
}
LINE = {
    **ROW,
    "start_region_line": (int, REQUIRED, 1, None),
    "end_region_line": (int, REQUIRED, 1, None),
    "start_outermost_loop": (int, REQUIRED, 1, None),
    "end_outermost_loop": (int, REQUIRED, 1, None),
    "start_function_line": (int, OPTIONAL, 0, None),
    "end_function_line": (int, OPTIONAL, 0, None),
}
TIME_SHARES = ("n_cpu_percent_python", "n_cpu_percent_c", "n_sys_percent")
SECONDS_BEHIND = {
    "n_cpu_percent_python": ("python_sec",),
    "n_cpu_percent_c": ("native_sec",),
    "n_sys_percent": ("kernel_sec", "idle_sec"),
}
FRAME_KEYS = ["display_name", "filename_or_module", "ip", "kind", "line", "offset"]
WAIT_REASONS = {"sleep", "lock", "gil", "stop_the_world", "read", "write", "poll", "child", "page_fault", "other", "runnable",
                "stopped"}


def load(source):
    """Reads a profile file, strictly: no NaN, no duplicate keys. `source` is a path or the bytes of the file."""
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    return json.loads(data.decode("ascii"), object_pairs_hook=_sorted_object, parse_constant=_refuse_constant)


def check_profile(source, *, partial=False):
    """Asserts that the profile keeps every rule and returns it as a dict. `partial`: an interval write."""
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    profile = load(data)
    faults = violations(profile)
    if not data.endswith(b"}\n") or data.endswith(b"\n\n"):
        faults.append("the file does not end with exactly one newline")
    if partial != bool(profile.get("ext", {}).get("exit", {}).get("partial")):
        faults.append(f"ext.exit.partial should be {partial}: {profile.get('ext', {}).get('exit')}")
    assert not faults, "the profile breaks its own rules:\n  " + "\n  ".join(faults[:40])
    return profile


def violations(profile):
    """Every rule that the profile breaks, as sentences."""
    found = []
    _check_fields(found, "top level", profile, TOP_LEVEL)
    if found:
        return found
    _check_top_level(found, profile)
    _check_ext(found, profile)
    for path, file in profile["files"].items():
        _check_fields(found, path, file, FILE)
        _check_file(found, profile, path, file)
    _check_sums(found, profile)
    _check_stacks(found, profile)
    return found


def without_ext(value):
    """The same document as a reader of the reference's profiles sees it."""
    if isinstance(value, dict):
        return {key: without_ext(member) for key, member in value.items() if key != "ext"}
    if isinstance(value, list):
        return [without_ext(member) for member in value]
    return value


def row_percent(row):
    return sum(row[share] for share in TIME_SHARES)


def _sorted_object(pairs):
    keys = [key for key, _ in pairs]
    if keys != sorted(set(keys)):
        raise AssertionError(f"keys are not sorted or not unique: {keys[:12]}")
    return dict(pairs)


def _refuse_constant(name):
    raise AssertionError(f"{name} is not JSON")


def _is(value, kind):
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, kinds)


def _check_fields(found, where, record, fields):
    for name, (kind, required, *_) in fields.items():
        if name not in record:
            if required:
                found.append(f"{where}: {name} is missing")
        elif not _is(record[name], kind):
            found.append(f"{where}: {name} is {record[name]!r:.60}, expected {kind}")
    for name in record:
        if name not in fields:
            found.append(f"{where}: {name} is not a field of the reference and not under ext")


def _check_range(found, where, name, value, lowest, highest):
    if isinstance(value, float) and (not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0)):
        found.append(f"{where}: {name} is {value}")
    if lowest is not None and value < lowest:
        found.append(f"{where}: {name} is {value}, below {lowest}")
    if highest is not None and value > highest:
        found.append(f"{where}: {name} is {value}, above {highest}")


def _check_points(found, where, name, points, elapsed, most=100):
    if len(points) > most:
        found.append(f"{where}: {name} has {len(points)} points, more than {most}")
    times = [point[0] for point in points]
    if times != sorted(times):
        found.append(f"{where}: {name} is not sorted by time")
    for point in points:
        if len(point) != 2 or not _is(point[0], int) or not _is(point[1], float) or min(point) < 0:
            found.append(f"{where}: {name} holds {point!r}")
    if times and times[-1] > elapsed * 1e9 * (1 + TOLERANCE) + 1:
        found.append(f"{where}: {name} ends at {times[-1]} ns, after the end of the run at {elapsed} s")


def _check_top_level(found, profile):
    for name in ("elapsed_time_sec", "max_footprint_mb", "start_time_absolute", "start_time_perf", "alloc_samples"):
        _check_range(found, "top level", name, profile[name], 0, None)
    _check_range(found, "top level", "max_footprint_python_fraction", profile["max_footprint_python_fraction"], 0, 1)
    if profile["gpu_device"] not in ("GPU", "Neuron", ""):
        found.append(f"gpu_device is {profile['gpu_device']!r}")
    if profile.get("args") is not None and not all(isinstance(word, str) for word in profile["args"]):
        found.append(f"args is {profile['args']!r}")
    _check_points(found, "top level", "samples", profile["samples"], profile["elapsed_time_sec"])
    if not profile["memory"] and (profile["samples"] or profile.get("memory_stacks")):
        found.append("memory data in a profile without memory")


def _check_ext(found, profile):
    ext = profile.get("ext")
    if ext is None:
        found.append("ext is missing")
        return
    if ext.get("schema") != 1:
        found.append(f"ext.schema is {ext.get('schema')!r}")
    if not set(ext.get("exit", {})) & {"status", "signal", "partial"}:
        found.append(f"ext.exit is {ext.get('exit')!r}")
    for name, value in ext.items():
        if name not in ("schema", "exit") and not value:
            found.append(f"ext.{name} is {value!r}; empty values are left out")
    _check_waits(found, "ext.waits", ext.get("waits", {}))
    processes = ext.get("processes", [])
    if not processes:
        found.append("ext.processes lists no process")
    elif sum(process.get("how") == "root" for process in processes) != 1:
        found.append(f"ext.processes has not exactly one root: {[process.get('how') for process in processes]}")
    for process in processes:
        for name in ("cpu_sec", "idle_sec", "max_rss_mb", "samples", "lost"):
            _check_range(found, f"process {process.get('pid')}", name, process.get(name, 0), 0, None)
    for thread in ext.get("threads", []):
        _check_waits(found, f"thread {thread.get('tid')}", thread.get("waits", {}))
        for name in ("python_sec", "native_sec", "kernel_sec"):
            _check_range(found, f"thread {thread.get('tid')}", name, thread.get(name, 0), 0, None)
    _check_no_negative(found, "ext.losses", ext.get("losses", {}))
    _check_no_negative(found, "ext.totals", ext.get("totals", {}))


def _check_no_negative(found, where, value):
    if isinstance(value, dict):
        for name, member in value.items():
            _check_no_negative(found, f"{where}.{name}", member)
    elif _is(value, NUMBER) and value < 0:
        found.append(f"{where} is {value}")


def _check_waits(found, where, waits):
    for reason, seconds in waits.items():
        if reason not in WAIT_REASONS:
            found.append(f"{where}: {reason!r} is not a reason to wait")
        _check_range(found, where, reason, seconds, 0, None)


def _check_file(found, profile, path, file):
    if not (path.startswith("/") or (path.startswith("[") and path.endswith("]")) or path.startswith("<")):
        found.append(f"{path!r} is not an absolute path, a cell or exec'd code")
    lines, functions = file["lines"], file["functions"]
    for index, line in enumerate(lines):
        where = f"{path}:{index + 1}"
        _check_row(found, profile, where, line, LINE)
        if line.get("lineno") != index + 1:
            found.append(f"{where}: lineno is {line.get('lineno')}; all lines must be there, in order")
        if index + 1 < len(lines) and line.get("line", "")[-1:] not in ("\n", "\r", ""):
            found.append(f"{where}: a line in the middle has no newline: {line['line']!r:.60}")
        _check_regions(found, where, line, len(lines))
    if not math.isclose(file["percent_cpu_time"], sum(map(row_percent, lines)), rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        found.append(f"{path}: percent_cpu_time {file['percent_cpu_time']} is not the sum of its lines")
    _check_range(found, path, "percent_cpu_time", file["percent_cpu_time"], 0, 100 * (1 + TOLERANCE))
    for function in functions:
        where = f"{path}: function {function.get('line')}"
        _check_row(found, profile, where, function, ROW)
        if function.get("cpu_samples_list"):
            found.append(f"{where}: has cpu_samples_list")
        if lines and not function["lineno"] <= len(lines):
            found.append(f"{where}: starts at line {function['lineno']} of {len(lines)}")
    order = [(function["lineno"], function["line"]) for function in functions]
    if order != sorted(order):
        found.append(f"{path}: functions are not ordered by first line, then name: {order[:10]}")
    if len(set(order)) != len(order):
        found.append(f"{path}: a function is listed twice: {order[:10]}")
    if len(set(file["imports"])) != len(file["imports"]):
        found.append(f"{path}: an import is listed twice: {file['imports']}")
    for line, leak in file["leaks"].items():
        if not line.isdigit() or set(leak) != {"likelihood", "velocity_mb_s"} or not 0 <= leak["likelihood"] <= 1:
            found.append(f"{path}: leak {line!r}: {leak!r}")


def _check_row(found, profile, where, row, fields):
    before = len(found)
    _check_fields(found, where, row, fields)
    if len(found) > before:
        return
    for name, (_, _, lowest, highest) in fields.items():
        if name in row and _is(row[name], NUMBER):
            _check_range(found, where, name, row[name], lowest, highest)
    if math.floor(row_percent(row) + 1e-9) > 100:
        found.append(f"{where}: the shares of its time add up to {row_percent(row)}")
    if row["n_gpu_avg_memory_mb"] > row["n_gpu_peak_memory_mb"] or row["n_avg_mb"] > row["n_peak_mb"]:
        found.append(f"{where}: an average is above its peak")
    if row["n_growth_mb"] != row["n_peak_mb"] or row["n_peak_mb"] > profile["max_footprint_mb"]:
        found.append(f"{where}: growth {row['n_growth_mb']}, peak {row['n_peak_mb']}, all {profile['max_footprint_mb']}")
    stamps = row["cpu_samples_list"]
    if len(stamps) > 500 or stamps != sorted(stamps):
        found.append(f"{where}: cpu_samples_list has {len(stamps)} entries or is not sorted")
    if len(row.get("async_task_names", [])) > 100:
        found.append(f"{where}: more than 100 task names")
    _check_points(found, where, "memory_samples", row["memory_samples"], profile["elapsed_time_sec"])
    _check_row_ext(found, profile, where, row)


def _check_row_ext(found, profile, where, row):
    ext = row.get("ext", {})
    if "ext" in row and not ext:
        found.append(f"{where}: an empty ext")
    for name, value in ext.items():
        if value is not False and not value:
            found.append(f"{where}: ext.{name} is {value!r}; empty values are left out")
    _check_waits(found, where, ext.get("waits", {}))
    total = profile["ext"].get("totals", {}).get("total_sec", 0)
    for share, seconds in SECONDS_BEHIND.items():
        behind = sum(ext.get(name, 0) for name in seconds)
        expected = 100 * behind / total if total else 0
        if not math.isclose(row[share], expected, rel_tol=1e-4, abs_tol=1e-4):
            found.append(f"{where}: {share} is {row[share]}, its seconds say {expected}")
    if "ci95" in ext:
        low, high = ext["ci95"]
        if not 0 <= low <= high <= 100 * (1 + TOLERANCE):
            found.append(f"{where}: ci95 is {ext['ci95']}")
        elif not low - 0.01 <= row_percent(row) <= high + 0.01:
            found.append(f"{where}: {row_percent(row)} is outside its own interval {ext['ci95']}")


def _check_regions(found, where, line, count):
    for start, end in (("start_region_line", "end_region_line"), ("start_outermost_loop", "end_outermost_loop")):
        if not line[start] <= line["lineno"] <= line[end] <= count:
            found.append(f"{where}: {start}..{end} is {line[start]}..{line[end]} of {count} lines")
    if "start_function_line" in line:
        start, end = line["start_function_line"], line["end_function_line"]
        if (start, end) != (0, 0) and not 1 <= start <= line["lineno"] <= end <= count:
            found.append(f"{where}: start_function_line..end_function_line is {start}..{end} of {count} lines")


def _check_sums(found, profile):
    for share in ("row", "n_async_await_percent", "n_usage_fraction"):
        most = 1 if share == "n_usage_fraction" else 100
        total = 0
        for file in profile["files"].values():
            for line in file["lines"]:
                total += row_percent(line) if share == "row" else line.get(share, 0)
        if total > most * (1 + TOLERANCE):
            found.append(f"{share} of all lines adds up to {total}")
    for path, file in profile["files"].items():
        for function in file["functions"]:
            inside = [line for line in file["lines"] if line["lineno"] >= function["lineno"]]
            if row_percent(function) > sum(map(row_percent, inside)) + 1e-4:
                found.append(f"{path}: {function['line']} has more than all lines from its first one on")


def _check_stacks(found, profile):
    stacks = profile.get("combined_stacks", [])
    for index, (frames, hits) in enumerate(stacks):
        if not _is(hits, int) or hits < 1 or not frames:
            found.append(f"combined_stacks[{index}]: {hits!r} hits, {len(frames)} frames")
        for frame in frames:
            _check_frame(found, f"combined_stacks[{index}]", frame)
    if [hits for _, hits in stacks] != sorted((hits for _, hits in stacks), reverse=True):
        found.append("combined_stacks is not ordered by hits")
    names = [json.dumps([[frame[key] for key in FRAME_KEYS if key not in ("ip", "offset")] for frame in frames])
             for frames, _ in stacks]
    if len(set(names)) != len(names):
        found.append("combined_stacks has equal stacks")
    _check_timeline(found, profile.get("combined_stacks_timeline", []), len(stacks))
    for frames, megabytes in profile.get("memory_stacks", []):
        for frame in frames:
            _check_frame(found, "memory_stacks", frame)
        if not _is(megabytes, float) or megabytes <= 0:
            found.append(f"memory_stacks: {megabytes!r} MiB")
    for frames, weight in profile["stacks"]:
        _check_text_stack(found, frames, weight)
    weights = profile["ext"].get("stack_weights")
    if weights and len(weights["rows"]) != len(stacks):
        found.append(f"ext.stack_weights has {len(weights['rows'])} rows for {len(stacks)} stacks")
    for row in (weights or {"rows": []})["rows"]:
        if len(row) != len(weights["columns"]):
            found.append(f"ext.stack_weights: {row!r} for columns {weights['columns']!r}")


def _check_frame(found, where, frame):
    if sorted(frame) != FRAME_KEYS:
        found.append(f"{where}: a frame has the keys {sorted(frame)}")
        return
    python = frame["kind"] == "py"
    whole = _is(frame["line"], int) and frame["line"] >= 1 and frame["ip"] is None and frame["offset"] is None
    native = frame["line"] is None and _is(frame["ip"], int) and frame["ip"] > 0 and _is(frame["offset"], int)
    if frame["kind"] not in ("py", "native") or not (whole if python else native):
        found.append(f"{where}: frame {frame!r}")


def _check_timeline(found, events, stacks):
    if len(events) > 100000:
        found.append(f"the timeline has {len(events)} events")
    for event in events:
        if sorted(event) != ["count", "stack_index", "t_sec", "thread_id"]:
            found.append(f"timeline event {event!r}")
            return
        if not 0 <= event["stack_index"] < stacks or event["count"] < 1 or not _is(event["t_sec"], float):
            found.append(f"timeline event {event!r} of {stacks} stacks")
    times = [event["t_sec"] for event in events]
    if times != sorted(times) or (times and times[0] < 0):
        found.append("the timeline is not ordered by t_sec")


def _check_text_stack(found, frames, weight):
    if sorted(weight) != ["c_time", "count", "cpu_samples", "python_time"] or not _is(weight["count"], int):
        found.append(f"stacks: {weight!r}")
        return
    if not all(isinstance(frame, str) and frame.endswith(";") for frame in frames):
        found.append(f"stacks: frames {frames!r:.80}")
    if not math.isclose(weight["cpu_samples"], weight["python_time"] + weight["c_time"], abs_tol=1e-9):
        found.append(f"stacks: cpu_samples is not python_time + c_time: {weight!r}")
    if not all(0 <= weight[name] <= 1 + TOLERANCE for name in ("c_time", "python_time", "cpu_samples")):
        found.append(f"stacks: {weight!r}")
