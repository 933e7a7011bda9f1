"""The ten programs under every profiler, pair by pair.

Rounds interleave: in each round a program runs bare, then under each tool, and every second round the other way about.
A ratio is always that of two runs of one round, minutes of drift apart at most, so that the noise of the machine hits
both sides. How much noise is left is measured the same way: "bare again" is each bare run over the one before.

Four figures per pair:
  wall      the whole command, start-up and writing of the profile included
  work      wall time inside the program, around its work: what a long run would see
  work_cpu  CPU time of the program's process around its work: the same, less disturbed by a busy machine
  cpu       CPU time of the whole process tree, collector or sampler included
"""

import statistics
from dataclasses import asdict

from . import machine, process, tools

BARE, AGAIN = "bare", "bare again"
MEASURES = ("wall", "work", "work_cpu", "cpu")


def time_limit(bare_wall):
    """A tool that is ten times slower than nothing at all has failed, whatever it would have written."""
    return max(20.0, 10 * bare_wall)


def compare(programs, tool_names, pairs, pairs_of_others, patience, say):
    """{program: {tool: [run, ...]}}; runs are dictionaries, None where the tool did not take part in a round."""
    waiting = machine.Patience(patience)
    return {program.name: _compare_one(program, tool_names, pairs, pairs_of_others, waiting, say) for program in programs}


def _compare_one(program, tool_names, pairs, pairs_of_others, waiting, say):
    say(f"{program.name}: warming up")
    limit = time_limit(_run(BARE, program, 600).wall)
    runs = {tool: [] for tool in (BARE, *tool_names)}
    for number in range(pairs):
        taking_part = [tool for tool in runs
                       if tool in (BARE, tools.OURS) or number < pairs_of_others and not _gave_up(runs[tool])]
        for tool in taking_part if number % 2 == 0 else reversed(taking_part):
            say(f"{program.name}: round {number + 1} of {pairs}, {tool}")
            waiting.await_quiet()
            run = _run(tool, program, limit if tool != BARE else 600)
            runs[tool] += [None] * (number - len(runs[tool])) + [asdict(run)]
    return runs


def _gave_up(runs):
    return any(run and (run["timed_out"] or run["failure"]) for run in runs)


def _run(tool, program, limit):
    return process.run_once(tools.command(tool, program.words), limit, SCALENE_BENCH_LOOPS=program.loops)


def trouble(runs):
    """Why there is no ratio: "time-out", "failed", or None."""
    for run in runs:
        if run and run["timed_out"]:
            return "time-out"
        if run and run["failure"]:
            return "failed"
    return None


def figure(run, measure):
    inside = {"work": "work_wall", "work_cpu": "work_cpu"}
    return run["inside"].get(inside[measure]) if measure in inside else run[measure]


def ratios(runs_of_program, tool, measure):
    """The tool's figure over bare Python's, round by round; [] if the tool never finished."""
    bare = runs_of_program[BARE]
    pairs = zip(bare[1:], bare) if tool == AGAIN else zip(runs_of_program.get(tool, []), bare)
    values = []
    for mine, base in pairs:
        if mine and not mine["timed_out"] and not mine["failure"]:
            above, below = figure(mine, measure), figure(base, measure)
            if above and below:
                values.append(above / below)
    return values


def fastest_ratio(runs_of_program, tool, measure):
    """The tool's best run over bare Python's best; None if the tool never finished. Noise only ever adds."""
    best = [[figure(run, measure) for run in runs_of_program.get(name, [])
             if run and not run["timed_out"] and not run["failure"]] for name in (tool, BARE)]
    return min(best[0]) / min(best[1]) if all(best) and all(map(all, best)) else None


def around_the_work(runs_of_program, tool):
    """Seconds that start and end of the command take more than bare Python's, median of the pairs; None without any."""
    pairs = [(mine["wall"] - mine["inside"]["work_wall"], bare["wall"] - bare["inside"]["work_wall"])
             for mine, bare in zip(runs_of_program.get(tool, []), runs_of_program[BARE])
             if mine and not mine["timed_out"] and not mine["failure"] and "work_wall" in mine["inside"]]
    return statistics.median(mine - bare for mine, bare in pairs) if pairs else None


def others(runs_of_program):
    """The share of the machine that other work had, median over all runs of the program."""
    return statistics.median(run["others"] for runs in runs_of_program.values() for run in runs
                             if run and not run["timed_out"])


def median_of_programs(comparison, tool, measure):
    """(median of the programs' medians, highest of them, programs counted); None without any."""
    medians = [statistics.median(found) for runs in comparison.values() if (found := ratios(runs, tool, measure))]
    return (statistics.median(medians), max(medians), len(medians)) if medians else None


def tools_of(comparison):
    """The tools that took part, in the order of tools.PROFILERS, behind the noise."""
    took_part = {tool for runs in comparison.values() for tool in runs}
    return [AGAIN] + [tool for tool in tools.PROFILERS if tool in took_part]
