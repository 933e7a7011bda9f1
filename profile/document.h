// The profile as people and renderers see it: one plain value, shaped like the profile file (docs/profile-format.md).
//
//   collector ──fold──▶ Document ──▶ render/json, render/terminal, …
//   profile file ─read──▶ Document
//
// Everything is already classified, attributed, scaled and filtered; a renderer only shows it. Field names are those of
// the file without the `n_`, so that each fact has one name. Units: seconds, MiB (2^20 bytes), percent 0..100, fraction
// 0..1, unless the name says otherwise. Members after the line `ext` are ours alone and live under "ext" in the file.
// Threads: a value; no synchronisation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scalene::profile {

// A point of a footprint curve: recorded time in ns since recording began, MiB.
struct MemoryPoint {
  int64_t t_ns = 0;
  double mb = 0;
};

// Seconds (or anything additive) by name, e.g. waits by reason. Sorted by name, as the file wants it.
using NamedSums = std::map<std::string, double>;

// A line that held what others waited for, while they did. Line 0: no profiled line.
struct Holder {
  std::string file;
  int line = 0;
  double sec = 0;
};

// Where a row's source text lies. Line and function bounds are 1-based and inclusive; 0 = outside any function.
struct LineRegions {
  int start_region = 0, end_region = 0;
  int start_outermost_loop = 0, end_outermost_loop = 0;
  int start_function = 0, end_function = 0;
};

// What a line and a function have in common: every metric of the profile. The list of metrics with labels, units and
// merge rules is profile/metrics; add one there and here.
struct Row {
  std::string text;  // line: source text with its newline, unescaped; function: qualified name
  int lineno = 0;    // 1-based; function: its first line, decorators included
  bool is_coroutine = false;

  double cpu_percent_python = 0, cpu_percent_c = 0, sys_percent = 0;  // % of Document::Totals::total_sec
  double core_utilization = 0;                                        // 0..1
  double gpu_percent = 0, gpu_avg_memory_mb = 0, gpu_peak_memory_mb = 0;
  double malloc_mb = 0, peak_mb = 0, avg_mb = 0, usage_fraction = 0, python_fraction = 0;
  int64_t mallocs = 0;
  double copy_mb_s = 0;
  double async_await_percent = 0, async_concurrency_mean = 0, async_concurrency_peak = 0;
  std::vector<std::string> async_task_names;  // sorted, <= 100
  std::vector<double> cpu_samples_list;       // CLOCK_MONOTONIC seconds, sorted, <= 500; empty for functions
  std::vector<MemoryPoint> memory_samples;    // <= 100

  // ext
  int64_t samples = 0;                            // CPU and off-CPU samples behind the row
  std::optional<std::pair<double, double>> ci95;  // of python + native + system, in %
  double python_sec = 0, native_sec = 0, kernel_sec = 0, idle_sec = 0;
  NamedSums waits;                   // reason -> s, credited or not
  std::vector<Holder> gil_holders;   // of waits["gil"], as far as known: the 10 longest
  std::vector<Holder> lock_holders;  // of waits["lock"], likewise
  double await_task_sec = 0, loop_lag_sec = 0, loop_block_sec = 0;
  double alloc_mb = 0, live_end_mb = 0, at_peak_mb = 0, mean_age_sec = 0, copy_mb = 0, gpu_sec = 0;
  double allocations = 0;
  std::optional<std::pair<double, double>> alloc_ci95, live_ci95;  // MiB; none: exact
};

struct Line : Row {
  LineRegions regions;
};

struct Caller {
  std::string name, file;
  int line = 0;
  double sec = 0;
};

struct Function : Row {
  // ext
  double total_sec = 0;            // including callees
  std::vector<Caller> calls_from;  // 10 heaviest
};

struct Leak {
  double likelihood = 0, velocity_mb_s = 0;
};

struct File {
  std::vector<Line> lines;           // all lines; entry i is line i + 1
  std::vector<Function> functions;   // by first line, then name; only those with a non-zero metric
  std::vector<std::string> imports;  // native imports, normalised text, in order of appearance
  std::map<int, Leak> leaks;         // by line
  double percent_cpu_time = 0;

  // ext
  std::string hash;             // of the source shown
  std::string source = "disk";  // disk | changed | captured | none
  std::string path_bytes;       // the path's bytes when they are not UTF-8, else empty
};

enum class FrameKind : uint8_t { kPython, kNative };

struct Frame {
  FrameKind kind = FrameKind::kPython;
  std::string name;  // display name
  std::string file_or_module;
  int line = 0;                 // Python only
  uint64_t ip = 0, offset = 0;  // native only
  bool operator==(const Frame&) const = default;
};

struct StackWeight {  // exact weights behind a stack's hits
  double python_sec = 0, native_sec = 0, kernel_sec = 0, idle_sec = 0;
  int64_t samples = 0;
};

struct Stack {
  std::vector<Frame> frames;  // outermost first
  int64_t hits = 0;           // weight in units of the sampling interval, >= 1
  StackWeight weight;         // ext
};

struct PythonStack {                // section "stacks" of the file: Python frames as text, "FILE NAME:LINE;"
  std::vector<std::string> frames;  // outermost first
  int64_t count = 0;
  double python_time = 0, c_time = 0, cpu_samples = 0;  // fractions of the total
};

struct MemoryStack {
  std::vector<Frame> frames;
  double mb = 0;
  double live_end_mb = 0, at_peak_mb = 0;  // ext
};

struct TimelineEvent {
  int64_t count = 1;
  int stack_index = 0;  // into Document::combined_stacks
  double t_sec = 0;     // recorded time
  std::optional<uint64_t> thread_id;
  double last_sec = 0;  // of its last hit; 0: not known (ext)
};

struct ExitStatus {  // of the program
  std::optional<int> status, signal;
  bool partial = false;  // an interval write: the program still runs
};

struct Totals {
  double total_sec = 0;  // the 100 %: CPU + idle time credited to profiled lines
  double python_sec = 0, native_sec = 0, kernel_sec = 0, idle_sec = 0, await_sec = 0;
  int64_t cpu_samples = 0, off_cpu_samples = 0;
  double fault_kernel_sec = 0;
  double alloc_mb = 0, copy_mb = 0, gpu_sec = 0;
  std::optional<std::pair<double, double>> alloc_ci95;
};

struct ProcessRow {
  int pid = 0, ppid = 0;
  std::string how;  // root | fork | exec | attach
  std::vector<std::string> argv;
  std::string python;  // version, "" if not Python
  double start_sec = 0, end_sec = 0;
  std::optional<ExitStatus> exit;
  double cpu_sec = 0, idle_sec = 0, max_footprint_mb = 0, max_rss_mb = 0;
  int64_t samples = 0, lost = 0;
  bool profiled = true;
};

struct ThreadRow {
  int pid = 0, tid = 0;
  uint64_t thread_id = 0;  // threading.get_ident(); 0 for native threads
  std::string name;
  bool main = false, native = false;
  double start_sec = 0, end_sec = 0, python_sec = 0, native_sec = 0, kernel_sec = 0, alloc_mb = 0;
  NamedSums waits;
};

// Loss counters: stage ("capture", "transport", …) -> counter -> number. Zero entries are left out.
using Losses = std::map<std::string, std::map<std::string, int64_t>>;

struct OptionValue {
  std::string value;   // as JSON text: true, 0.01, "a,b"
  std::string origin;  // default | user | pyproject | config | environment | command line
};

struct Document {
  std::optional<std::vector<std::string>> args;
  std::string program;   // absolute path, "-c", "-", "[N]"
  std::string filename;  // root of the profiled files
  std::string entrypoint_dir;
  double elapsed_time_sec = 0;
  double start_time_absolute = 0, start_time_perf = 0;
  std::optional<uint64_t> main_thread_id;
  bool async_profile = false, memory = false, gpu = false;
  std::string gpu_device;  // "GPU", "Neuron", ""
  int64_t alloc_samples = 0;
  double growth_rate = 0, native_allocations_mb = 0;
  double max_footprint_mb = 0, max_footprint_python_fraction = 0;
  std::optional<std::string> max_footprint_fname;
  std::optional<int> max_footprint_lineno;
  std::vector<MemoryPoint> samples;  // footprint, <= 100 points

  std::map<std::string, File> files;   // by path; see profile-format for keys that are no path
  std::vector<Stack> combined_stacks;  // by hits, descending
  std::vector<TimelineEvent> timeline;
  std::vector<PythonStack> stacks;
  std::vector<MemoryStack> memory_stacks;

  // ext
  bool has_ext = false;  // false: a profile of the reference, or one with every ext deleted
  std::string generator_version, generator_commit;
  std::string python_version, python_executable;
  bool python_free_threaded = false;
  std::string host_os, host_kernel, host_arch, host_libc;
  int host_cpus = 0;
  double host_cpus_usable = 0;
  std::map<std::string, OptionValue> options;
  ExitStatus exit;
  Totals totals;
  NamedSums waits;
  struct Gil {                                               // of all processes that have one, added up
    double looked_sec = 0;                                   // the others are parts of it
    double held_sec = 0, native_sec = 0, contended_sec = 0;  // held; held by code that is not Python; waited for
    std::vector<Holder> holders;                             // of waits["gil"], as far as known: the 10 longest
  } gil;
  struct Outside {                 // stacks without a profiled file
    double sec = 0, idle_sec = 0;  // idle time is part of sec
    int64_t samples = 0;
    std::vector<std::pair<std::string, double>> files;  // 20 busiest: path, s
  } outside;
  struct HiddenFile {
    std::string path;
    double percent = 0, mb = 0;
  };
  struct Hidden {  // profiled files below the thresholds
    int64_t count = 0;
    std::vector<HiddenFile> files;
  } hidden;
  Losses losses;
  double lost_percent = 0;
  std::vector<ProcessRow> processes;
  std::vector<ThreadRow> threads;
  struct MemoryRun {
    bool exact = true;  // false: the footprint had to be estimated
    double live_end_mb = 0, transient_mb = 0, allocations = 0, max_rss_mb = 0;
    std::vector<MemoryPoint> python, rss;  // of the footprint: Python objects; resident memory
  } memory_run;
  std::vector<std::string> warnings;  // the sentences shown at the end of the run
};

}  // namespace scalene::profile
