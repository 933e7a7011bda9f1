#!/usr/bin/env python3
"""Writes a profile as large as one likes, with the standard library's real source in it: for timing readers and the page.

    tools/large_profile.py --lines 200000 OUT.json          of the reference's shape
    tools/large_profile.py --lines 200000 --ext OUT.json    with what only our profiles have
    tools/large_profile.py --lines 0 --stacks 20000 --runs 100000 OUT.json

Numbers are drawn from a fixed seed, so equal options give equal bytes on equal libraries.
"""

import argparse
import json
import os
import random
import sys
import sysconfig

HOT = 0.2          # lines of a busy file that have time
ALLOCATING = 0.08  # lines that allocate
BUSY_FILES = 0.6


def library_files():
    root = sysconfig.get_path("stdlib")
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - {"site-packages", "dist-packages", "__pycache__", "test", "tests", "idlelib"})
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                try:
                    with open(path, encoding="utf-8") as file:
                        lines = file.read().splitlines(keepends=True)
                except UnicodeDecodeError:
                    continue
                if len(lines) >= 20:
                    yield path, lines


def escaped(line):
    return line.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


class Maker:
    def __init__(self, lines, ext, elapsed):
        self.random = random.Random(1)
        self.ext, self.elapsed = ext, elapsed
        self.scale = 100 / max(lines * HOT * BUSY_FILES, 1)  # so that all lines add up to about 100 %

    def points(self, count):
        times = sorted(self.random.randrange(int(self.elapsed * 1e9)) for _ in range(count))
        return [[t, round(self.random.random() * 500, 3)] for t in times]

    def row(self, number, text, busy):
        rng = self.random
        hot, allocates = busy and rng.random() < HOT, busy and rng.random() < ALLOCATING
        python = min(rng.expovariate(1) * self.scale * 0.6, 60.0) if hot else 0.0
        native = min(rng.expovariate(1) * self.scale * 0.3, 20.0) if hot and rng.random() < 0.5 else 0.0
        system = min(rng.expovariate(1) * self.scale * 0.1, 10.0) if hot and rng.random() < 0.2 else 0.0
        peak = rng.expovariate(1 / 20) if allocates else 0.0
        row = {
            "async_task_names": [], "cpu_samples_list": sorted(round(rng.random() * self.elapsed, 6) for _ in range(3))
            if hot else [],
            "end_function_line": number + 5, "end_outermost_loop": number, "end_region_line": number + 5,
            "is_coroutine": False, "line": text, "lineno": number, "memory_samples":
            self.points(rng.randrange(2, 20)) if allocates else [], "n_async_await_percent": 0.0,
            "n_async_concurrency_mean": 0.0, "n_async_concurrency_peak": 0.0, "n_avg_mb": peak / 2,
            "n_copy_mb_s": rng.random() * 30 if allocates and rng.random() < 0.2 else 0.0,
            "n_core_utilization": rng.random() / 4 if hot else 0.0, "n_cpu_percent_c": native,
            "n_cpu_percent_python": python, "n_gpu_avg_memory_mb": 0.0, "n_gpu_peak_memory_mb": 0.0,
            "n_gpu_percent": 0.0, "n_growth_mb": peak, "n_malloc_mb": 2 * peak, "n_mallocs": rng.randrange(1, 9)
            if allocates else 0, "n_peak_mb": peak, "n_python_fraction": rng.random() if allocates else 0.0,
            "n_sys_percent": system, "n_usage_fraction": peak / 1e6, "start_function_line": max(number - 5, 1),
            "start_outermost_loop": number, "start_region_line": max(number - 5, 1)}
        if self.ext and hot:
            row["ext"] = {"python_sec": python * self.elapsed / 100, "native_sec": native * self.elapsed / 100,
                          "kernel_sec": system * self.elapsed / 100, "samples": 1 + int(python * 50),
                          "ci95": [python * 0.8, python * 1.2]}
        return row

    def file(self, lines):
        busy = self.random.random() < BUSY_FILES
        rows = [self.row(number, escaped(text), busy) for number, text in enumerate(lines, 1)]
        for row in rows:  # the reference's page looks the lines up
            for key in ("end_function_line", "end_outermost_loop", "end_region_line"):
                row[key] = min(row[key], len(rows))
        functions = []
        for number, text in enumerate(lines, 1):
            words = text.split()
            if words[:1] == ["def"] and busy:
                function = dict(rows[min(number, len(rows) - 1)])
                function.update(lineno=number, line=words[1].split("(")[0], cpu_samples_list=[])
                functions.append({key: value for key, value in function.items() if not key.startswith(("end_", "start_"))})
        percent = sum(row["n_cpu_percent_python"] + row["n_cpu_percent_c"] + row["n_sys_percent"] for row in rows)
        return {"functions": functions, "imports": [], "leaks": {}, "lines": rows, "percent_cpu_time": min(percent, 100.0)}

    def stacks(self, count, files):
        rng, stacks = self.random, []
        for _ in range(count):
            depth, frames = rng.randrange(3, 30), []
            for level in range(depth):
                path, lines = files[(rng.randrange(3) + level) % len(files)]
                line = 1 + (level * 7 + rng.randrange(4)) % len(lines)
                frames.append({"display_name": "function_%d" % (line % 50), "filename_or_module": path, "ip": None,
                               "kind": "py", "line": line, "offset": None})
            stacks.append([frames, 1 + int(rng.expovariate(0.1))])
        return sorted(stacks, key=lambda stack: -stack[1])

    def runs(self, count, stacks):
        if not stacks:
            return []
        step = self.elapsed / max(count, 1)
        return [{"count": 1, "stack_index": self.random.randrange(stacks), "t_sec": round(i * step, 6),
                 "thread_id": 1 + i % 4} for i in range(count)]


def write(out, options):
    maker = Maker(options.lines, options.ext, 120.0)
    known = list(library_files())
    out.write('{"alloc_samples": 1000, "args": ["large.py"], "async_profile": false,\n"combined_stacks": [')
    stacks = maker.stacks(options.stacks, known)
    out.write(",\n".join(json.dumps(stack) for stack in stacks))
    out.write('],\n"combined_stacks_timeline": [')
    out.write(",\n".join(json.dumps(run) for run in maker.runs(options.runs, len(stacks))))
    out.write('],\n"elapsed_time_sec": 120.0, "entrypoint_dir": "/demo",')
    if options.ext:
        out.write('"ext": {"schema": 1, "exit": {"status": 0}, "totals": {"total_sec": 120.0, "cpu_samples": 12000}},')
    out.write('"filename": "/demo", "files": {')
    left, copy, first = options.lines, 0, True
    while left > 0:
        for path, lines in known:
            if left <= 0:
                break
            lines = lines[:left]
            left -= len(lines)
            name = path if copy == 0 else path.replace("/lib/", "/lib%d/" % copy, 1)
            out.write("%s\n%s: %s" % ("" if first else ",", json.dumps(name), json.dumps(maker.file(lines))))
            first = False
        copy += 1
    out.write('},\n"gpu": false, "gpu_device": "", "growth_rate": 1.0, "max_footprint_fname": null, '
              '"max_footprint_lineno": null, "max_footprint_mb": 500.0, "max_footprint_python_fraction": 0.5, '
              '"memory": true, "program": "/demo/large.py", "samples": %s, "stacks": [], "start_time_absolute": 1.7e9, '
              '"start_time_perf": 1.0}\n' % json.dumps(maker.points(100)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--stacks", type=int, default=3_000)
    parser.add_argument("--runs", type=int, default=30_000)
    parser.add_argument("--ext", action="store_true")
    parser.add_argument("out")
    options = parser.parse_args()
    with open(options.out, "w", encoding="ascii") as out:
        write(out, options)
    print("%s: %.0f MB" % (options.out, os.path.getsize(options.out) / 1e6), file=sys.stderr)


main()
