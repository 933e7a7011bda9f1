#include "profile/document_builder.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "profile/marked_functions.h"
#include "profile/memory_builder.h"
#include "profile/native_imports.h"
#include "profile/path_text.h"
#include "profile/row_builder.h"
#include "profile/stack_builder.h"

namespace scalene::profile {
namespace {

// Sums of one file by line.
using FileSums = std::map<int, LineCounts>;

// What falls on lines that count; with @profile, the rest moves outside.
struct Attribution {
  std::map<std::string, FileSums> files;  // those with memory only, too
  std::map<std::string, FileMemory> memory;
  double total_sec = 0, await_sec = 0, squared_weights = 0;
  KindSeconds sec;
  int64_t samples = 0;
  double unmarked_sec = 0;
  int64_t unmarked_samples = 0;
};

Attribution Attribute(const RecordedRun& run, SourceCache& sources) {
  Attribution result;
  const bool all_count = run.marked->empty();
  for (const auto& [key, counts] : run.counts.lines()) {
    const std::string& file = run.strings->Get(key.file);
    if (!all_count && !run.marked->Holds(file, key.line, sources.Get(file).outline)) {
      result.unmarked_sec += counts.sec.total();
      result.unmarked_samples += counts.samples + counts.off_cpu_samples;
      continue;
    }
    result.files[file][key.line] = counts;
    result.sec.AddScaled(counts.sec, 1);
    result.await_sec += counts.awaits.sec;
    result.total_sec += counts.sec.total();
    result.squared_weights += counts.squared_weights;
    result.samples += counts.samples + counts.off_cpu_samples;
  }
  result.memory = AttributeMemory(run, sources);
  for (const auto& [file, lines] : result.memory) {
    for (const auto& [number, line] : lines) {
      const auto [place, is_new] = result.files[file].try_emplace(number);
      if (!is_new) continue;
      place->second.function = line->function;
      place->second.function_first_line = line->function_first_line;
    }
  }
  return result;
}

Whole WholeOf(const Attribution& attribution, const StringTable& strings) {
  Whole whole;
  whole.strings = &strings;
  whole.total_sec = attribution.total_sec;
  whole.await_sec = attribution.await_sec;
  const double weights = attribution.sec.total();
  if (attribution.squared_weights > 0) whole.effective_samples = weights * weights / attribution.squared_weights;
  return whole;
}

double PercentOf(const FileSums& sums, const Whole& whole) {
  double sec = 0;
  for (const auto& [line, counts] : sums) sec += counts.sec.total();
  return whole.total_sec > 0 ? std::clamp(100 * sec / whole.total_sec, 0.0, 100.0) : 0;
}

std::string HashText(uint64_t hash) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

// disk, changed since the run began (it was read when its first sample came), or none.
std::string StateOf(const std::string& path, const Source& source, double run_start_absolute_sec) {
  if (!source.found) return "none";
  const auto stamp = StampOf(path);
  const bool as_read = stamp.ok() && stamp.value() == source.text.stamp();
  const bool as_begun = static_cast<double>(source.text.stamp().mtime_ns) * 1e-9 <= run_start_absolute_sec;
  return as_read && as_begun ? "disk" : "changed";
}

File BuildFile(const RecordedRun& run, const std::string& path, const Source& source, const FileSums& sums,
               const Whole& whole, NativeImports& imports) {
  File file;
  const FileSums lines = WithinReason(source, sums);
  file.lines = BuildLines(source, lines, whole);
  file.functions = BuildFunctions(source, lines, *run.strings, whole);
  file.imports = imports.Among(source.outline.imports(), path);
  file.percent_cpu_time = PercentOf(sums, whole);
  file.source = StateOf(path, source, run.start_absolute_sec);
  if (source.found) file.hash = HashText(source.text.Hash());
  return file;
}

// Whether a file's memory alone is worth a report.
bool ReachesMemoryThreshold(const FileMemory& lines, const DocumentOptions& options) {
  if (!options.malloc_threshold) return CountedMebibytes(lines) >= 1;
  double allocations = 0;
  for (const auto& [number, line] : lines) allocations += line->allocations;
  return allocations >= *options.malloc_threshold && allocations > 0;
}

void BuildFiles(const RecordedRun& run, const Attribution& attribution, const DocumentOptions& options,
                SourceCache& sources, Document& document) {
  const Whole whole = WholeOf(attribution, *run.strings);
  NativeImports imports(run.environment);
  for (const auto& [path, sums] : attribution.files) {
    const double percent = PercentOf(sums, whole);
    const auto memory = attribution.memory.find(path);
    const bool has_memory = memory != attribution.memory.end();
    if (percent < options.cpu_percent_threshold && !(has_memory && ReachesMemoryThreshold(memory->second, options))) {
      ++document.hidden.count;
      document.hidden.files.push_back({path, percent, has_memory ? CountedMebibytes(memory->second) : 0});
      continue;
    }
    document.files.emplace(path, BuildFile(run, path, sources.Get(path), sums, whole, imports));
  }
  auto& hidden = document.hidden.files;
  std::sort(hidden.begin(), hidden.end(), [](const auto& a, const auto& b) { return a.percent > b.percent; });
  constexpr size_t kMostHidden = 20;
  if (hidden.size() > kMostHidden) hidden.resize(kMostHidden);
}

void FillTotals(const RecordedRun& run, const Attribution& attribution, Document& document) {
  Totals& totals = document.totals;
  totals.total_sec = attribution.total_sec;
  totals.python_sec = attribution.sec.python;
  totals.native_sec = attribution.sec.native;
  totals.kernel_sec = attribution.sec.kernel;
  totals.idle_sec = attribution.sec.idle;
  totals.await_sec = attribution.await_sec;
  totals.cpu_samples = run.counts.samples();
  totals.off_cpu_samples = run.counts.off_cpu_samples();
  document.waits = NamedWaits(run.counts.waits());
  const GilCounts& gil = run.counts.gil();
  // Where it is not known which code held it, it was native as often as elsewhere.
  const double native_sec = gil.known_sec > 0 ? gil.held_sec * gil.native_sec / gil.known_sec : 0;
  document.gil = {gil.looked_sec, gil.held_sec, native_sec, gil.contended_sec,
                  LongestHolders(gil.holders, *run.strings)};
}

void FillOutside(const RecordedRun& run, const Attribution& attribution, Document& document) {
  const OutsideCounts& counts = run.counts.outside();
  document.outside.sec = counts.sec + attribution.unmarked_sec;
  document.outside.idle_sec = counts.idle_sec;
  document.outside.samples = counts.samples + attribution.unmarked_samples;
  auto& files = document.outside.files;
  for (const auto& [file, sums] : counts.files) files.emplace_back(run.strings->Get(file), sums.first);
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  constexpr size_t kMostFiles = 20;
  if (files.size() > kMostFiles) files.resize(kMostFiles);
}

void FillHost(double cpus_usable, Document& document) {
  document.host_cpus = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  document.host_cpus_usable = cpus_usable;
  utsname names{};
  if (uname(&names) != 0) return;
  document.host_os = names.sysname;
  document.host_kernel = names.release;
  document.host_arch = names.machine;
}

void FillRun(const RecordedRun& run, const DocumentOptions& options, Document& document) {
  document.args = options.args;
  document.program = options.program;
  document.filename = options.root;
  document.entrypoint_dir = options.entrypoint_dir;
  document.elapsed_time_sec = run.elapsed_sec;
  document.start_time_absolute = run.start_absolute_sec;
  document.start_time_perf = run.start_monotonic_sec;
  document.main_thread_id = run.main_thread_id;
  document.async_profile = options.async_profile;
  document.has_ext = true;
  document.generator_version = options.generator_version;
  document.generator_commit = options.generator_commit;
  document.python_version = run.environment.version;
  document.python_executable = run.environment.executable;
  document.python_free_threaded = run.environment.free_threaded;
  document.options = options.options;
  document.exit = options.exit;
  document.losses = run.losses;
  document.lost_percent = run.cpu_sec > 0 ? 100 * run.lost_sec / run.cpu_sec : 0;
  document.processes = run.processes;
  const auto last_image = std::find_if(document.processes.rbegin(), document.processes.rend(),
                                       [&run](const ProcessRow& process) { return process.pid == run.program_pid; });
  if (last_image != document.processes.rend()) last_image->exit = options.exit;
  document.threads = run.threads;
  document.warnings = run.warnings;
}

}  // namespace

Document BuildDocument(const RecordedRun& run, const DocumentOptions& options, SourceCache& sources) {
  Document document;
  FillRun(run, options, document);
  FillHost(run.cpus_usable, document);
  const Attribution attribution = Attribute(run, sources);
  FillTotals(run, attribution, document);
  FillOutside(run, attribution, document);
  BuildFiles(run, attribution, options, sources, document);
  BuildMemory(run, attribution.memory, {options.leaks, options.stacks}, sources, document);
  if (options.stacks) {
    BuildStacks(run, sources, attribution.total_sec, document);
    AddCallees(run, sources, document);
  }
  return document;
}

}  // namespace scalene::profile
