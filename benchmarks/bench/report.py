"""Says in tables what was found. Everything it prints is computed from the JSON, so `compare` and `run` agree."""

import statistics

from . import comparison, ending, growth, hooks, machine, race, startup, text, tools, waiting

MEASURE_TITLES = {
    "wall": "wall time of the whole command over bare Python",
    "work": "wall time inside the program (its work alone) over bare Python",
    "work_cpu": "CPU time of the program's own process (its work alone) over bare Python",
    "cpu": "CPU time of the whole process tree over bare Python",
}


def everything(found):
    """The sections that were measured, as one text."""
    parts = [machine.in_words(found["machine"]), _noise(found), _sections(found)]
    if "comparison" in found:
        parts += [programs(found["comparison"], measure) for measure in comparison.MEASURES]
        parts += [fastest(found["comparison"]), around(found["comparison"])]
    if "race" in found:
        parts.append(race_table(found["race"]))
    if "startup" in found:
        parts.append(startup_table(found["startup"]))
    if "memory" in found:
        parts.append(memory_table(found["memory"]))
    if "growth" in found:
        parts += [growth_table(name, by_count) for name, by_count in found["growth"].items()]
    if "waiting" in found:
        parts.append(waiting.table(found["waiting"]))
    if "hooks" in found:
        parts.append(hooks.table(found["hooks"]))
    parts.append(bounds_table(bounds(found)))
    return "\n\n".join(part for part in parts if part)


def _noise(found):
    share = found.get("other_work")
    if share is None:
        return ""
    return f"Before the first run other work used {share:.0%} of the machine" + (
        ": expect noise, and read every figure against \"bare again\"." if share > 0.05 else ".") + (
        f" What was measured ran at niceness {found['nice']}." if found.get("nice") else "")


def _sections(found):
    """A baseline may be put together from several runs of one machine; then each section says when it was measured."""
    return "\n".join(f"{name}: measured {when}" for name, when in found.get("sections", {}).items())


def programs(found, measure):
    names = comparison.tools_of(found)
    rows = []
    for program, runs in found.items():
        bare = statistics.median(comparison.figure(run, measure) for run in runs[comparison.BARE] if run)
        rows.append([program, f"{bare:.2f} s"] + [_cell(runs, tool, measure) for tool in names])
    rows.append(["median of the programs", ""] + [_median_cell(found, tool, measure) for tool in names])
    return f"{MEASURE_TITLES[measure]}: median (worst) of the pairs\n\n" + text.table(["program", "bare", *names], rows)


def fastest(found):
    """What is left when the disturbed runs are left out: noise only ever adds."""
    names = comparison.tools_of(found)[1:]
    rows = []
    for program, runs in found.items():
        ratios = [comparison.fastest_ratio(runs, tool, "wall") for tool in names]
        rows.append([program, f"{comparison.others(runs):.0%}"] + [text.ratio(r) if r else "-" for r in ratios])
    medians = [statistics.median(column) if (column := [r for runs in found.values()
                                                         if (r := comparison.fastest_ratio(runs, tool, "wall"))]) else None
               for tool in names]
    rows.append(["median of the programs", ""] + [text.ratio(m) if m else "-" for m in medians])
    return ("wall time of the fastest run over the fastest bare run; other work on the machine meanwhile\n\n" +
            text.table(["program", "other work", *names], rows))


def around(found):
    """Start-up, imports of the program, its end and the profile's writing: what does not grow with the work."""
    names = comparison.tools_of(found)[1:]
    rows = [[program] + [text.milliseconds(sec) if (sec := comparison.around_the_work(runs, tool)) is not None else "-"
                         for tool in names]
            for program, runs in found.items()]
    return "before and after the program's work, over bare Python\n\n" + text.table(["program", *names], rows)


def _cell(runs, tool, measure):
    if tool != comparison.AGAIN and (why := comparison.trouble(runs.get(tool, []))):
        return why
    values = comparison.ratios(runs, tool, measure)
    if not values:
        return "-"
    return f"{text.ratio(statistics.median(values))} ({text.ratio(max(values))})"


def _median_cell(found, tool, measure):
    overall = comparison.median_of_programs(found, tool, measure)
    if overall is None:
        return "-"
    median, worst, counted = overall
    note = "" if counted == len(found) else f", {counted} only"
    return f"{text.ratio(median)} ({text.ratio(worst)}{note})"


def race_table(found):
    rows = [[program] + [f"{text.ratio(statistics.median(values))} ± {_standard_error(values):.3f}" if values else "failed"
                         for values in by_racer.values()]
            for program, by_racer in found.items()]
    columns = [race.medians(found, racer) for racer in race.RACERS]
    rows.append(["median of the programs (highest)"] + [
        f"{text.ratio(statistics.median(column))} ({text.ratio(max(column))})" if column else "-" for column in columns])
    return ("CPU time of the work over that of bare Python's on the same core at the same time: median ± standard error\n\n" +
            text.table(["program", "bare again", *race.RACERS[1:]], rows))


def _standard_error(values):
    return statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0


def startup_table(times):
    bare = statistics.median(times["bare"])
    rows = [[name, text.milliseconds(statistics.median(times[name])), text.milliseconds(median), text.milliseconds(worst)]
            for name, (median, worst) in startup.added(times).items()]
    return (f"an empty program, {len(times['bare'])} turns; bare Python {text.milliseconds(bare)}\n\n" +
            text.table(["command", "median", "over bare, median", "over bare, worst"], rows))


def memory_table(by_program):
    rows = [[program, _mib(found, "collector"), _mib(found, "collector_share"), _mib(found, "agent"),
             text.size(found["profile_bytes"])] if "failure" not in found else [program, found["failure"], "", "", ""]
            for program, found in by_program.items()]
    return "peak memory, and the profile's size\n\n" + text.table(
        ["program", "collector", "its share (PSS)", "added to the program", "profile"], rows)


def _mib(found, name):
    return text.mebibytes(found[name])


def growth_table(series, by_count):
    rows = []
    for count, found in by_count.items():
        if "failure" in found:
            rows.append([count, found["failure"], "", "", "", "", ""])
            continue
        rows.append([count, f"{growth.median(found, 'bare_wall'):.2f} s", text.ratio(growth.median(found, "wall")),
                     text.ratio(growth.median(found, "cpu")), _mib(found, "collector"), _mib(found, "agent"),
                     text.size(found["profile_bytes"])])
    return text.table([series, "bare", "wall", "cpu", "collector", "added to the program", "profile"], rows)


def bounds(found):
    """[(what, value as text, bound as text, met)], only of what was measured."""
    rows = []
    if "comparison" in found and (overall := comparison.median_of_programs(found["comparison"], tools.OURS, "wall")):
        median, worst, counted = overall
        rows += [(f"wall time, median of {counted} programs", text.ratio(median), "1.010", median <= 1.01),
                 (f"wall time, highest of {counted} programs", text.ratio(worst), "1.030", worst <= 1.03)]
    if "comparison" in found and (overall := comparison.median_of_programs(found["comparison"], tools.OURS_ALL, "wall")):
        median, worst, counted = overall
        rows += [(f"wall time with everything on, median of {counted} programs", text.ratio(median), "1.030", median <= 1.03),
                 (f"wall time with everything on, highest of {counted} programs", text.ratio(worst), "1.100", worst <= 1.1)]
    if "race" in found:
        rows += _race_bounds(found["race"])
    if "hooks" in found:
        rows += hooks.bounds(found["hooks"])
    if "startup" in found:
        for name, bound in (("scalene", 0.040), ("python3 -m scalene", 0.065)):
            if name in (added := startup.added(found["startup"])):
                median = added[name][0]
                rows.append((f"start-up, {name}", text.milliseconds(median), text.milliseconds(bound), median <= bound))
    if "ending" in found and (after := ending.added(found["ending"])) is not None:
        rows.append((f"end of the program to end of scalene, {found['ending']['seconds']:g} s run, profile of "
                     f"{text.size(found['ending']['profile_bytes'])}", text.milliseconds(after), "100.0 ms", after <= 0.1))
    if "memory" in found:
        rows += _memory_bounds(found["memory"], "the ten programs", 64)
    if "growth" in found:
        rows += _memory_bounds({f"{name} {count}": value for name, by_count in found["growth"].items()
                                for count, value in by_count.items()}, "what grows", 256)
    if "waiting" in found:
        rows += waiting.bounds(found["waiting"])
    if "handler" in found:
        rows += _handler_bounds(found["handler"])
    return rows


def _race_bounds(found):
    rows = []
    for racer, what, bounds_of_it in ((tools.OURS, "CPU only", (1.01, 1.03)), (tools.OURS_ALL, "everything on", (1.03, 1.1))):
        values = race.medians(found, racer)
        for name, value, bound in zip(("median", "highest"), values and (statistics.median(values), max(values)), bounds_of_it):
            rows.append((f"race on one core, {what}, {name} of {len(values)} programs", text.ratio(value), text.ratio(bound),
                         value <= bound))
    return rows


def _memory_bounds(by_name, where, collector_bound):
    measured = [found for found in by_name.values() if "failure" not in found]
    if not measured:
        return []
    collector = max(found["collector"] for found in measured)
    agent = max(found["agent"] for found in measured)
    return [(f"memory of the collector, {where}", text.mebibytes(collector), f"{collector_bound} MiB",
             collector <= collector_bound * 1024),
            (f"memory added to the program, {where}", text.mebibytes(agent), "16 MiB", agent <= 16 * 1024)]


def _handler_bounds(by_version):
    rows = []
    for found in by_version.values():
        if "failure" not in found:
            bound = 12.0 if found["version"].startswith(("3.11.", "3.12.")) else 5.0
            cost = found["costs_us"]["30"]["hot"]
            rows.append((f"cost of a sample at depth 30, Python {found['version']}", f"{cost:.2f} us", f"{bound:g} us",
                         cost <= bound))
    return rows


def bounds_table(rows):
    if not rows:
        return ""
    return "bounds\n\n" + text.table(["what", "measured", "bound", ""],
                                     [[what, value, bound, "met" if met else "MISSED"] for what, value, bound, met in rows])
