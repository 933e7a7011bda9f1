#include "profile/memory_builder.h"

#include <algorithm>
#include <cmath>

#include "profile/leaks.h"
#include "profile/marked_functions.h"
#include "profile/stack_builder.h"

namespace scalene::profile {
namespace {

constexpr double kMebibyte = 1 << 20;

// Sums of a row: a line, or the lines of a function.
struct RowMemory {
  double all = 0, counted = 0, python = 0, variance = 0, seen = 0, allocations = 0;
  double executions = 0, exact_executions = 0, exact = 0;
  double age_sec = 0, aged = 0, copied = 0, live = 0, live_variance = 0, at_peak = 0, most = 0;

  // Exact where large blocks make up most of the bytes: beside them, a small one that happens to be sampled stands for
  // thousands of executions that the large ones have counted already.
  double Executions() const { return exact > counted / 2 ? exact_executions : executions; }

  void Add(const LineMemory& line, uint32_t peaks) {
    all += line.all;
    counted += line.counted;
    python += line.python;
    variance += line.variance;
    seen += line.seen;
    allocations += line.allocations;
    executions += line.executions;
    exact_executions += line.exact_executions;
    exact += line.exact;
    age_sec += line.age_sec;
    aged += line.aged;
    copied += line.copied;
    live += line.held.live();
    live_variance += line.live_variance;
    at_peak += line.held.AtPeak(peaks);
    most = std::max(most, line.held.most());
  }
};

struct Estimate {
  double bytes = 0, variance = 0;
  double exact = 0;  // of these bytes
  double seen = 0;   // bytes of the samples themselves
};

// [low, high] MiB of an estimate; never below what was seen. Its sampled part is as uncertain as a count of as many samples
// as have its relative variance: the score interval of a Poisson count, which holds for a handful of samples, too.
std::pair<double, double> IntervalOf(const Estimate& estimate) {
  constexpr double kZ = 1.959964;
  const double sampled = estimate.bytes - estimate.exact;
  if (sampled <= 0 || estimate.variance <= 0) return {estimate.bytes / kMebibyte, estimate.bytes / kMebibyte};
  const double bytes_per_sample = estimate.variance / sampled, samples = sampled / bytes_per_sample;
  const double middle = samples + kZ * kZ / 2, half = kZ * std::sqrt(samples + kZ * kZ / 4);
  const double low = estimate.exact + bytes_per_sample * (middle - half);
  return {std::max(estimate.seen, low) / kMebibyte, (estimate.exact + bytes_per_sample * (middle + half)) / kMebibyte};
}

std::pair<double, double> IntervalOfAllocated(const RowMemory& row) {
  return IntervalOf({.bytes = row.counted, .variance = row.variance, .exact = row.exact, .seen = row.seen});
}

// The points of a curve, within the recorded time: the last look comes a little later.
std::vector<MemoryPoint> PointsOf(const FootprintCurve& curve, double elapsed_sec) {
  constexpr size_t kMostPoints = 100;
  std::vector<MemoryPoint> points = curve.Points(kMostPoints);
  const auto end_ns = static_cast<int64_t>(elapsed_sec * 1e9);
  for (MemoryPoint& point : points) point.t_ns = std::min(point.t_ns, end_ns);
  return points;
}

class MemoryBuilder {
 public:
  MemoryBuilder(const RecordedRun& run, SourceCache& sources, Document& document)
      : run_(run), counts_(*run.memory), sources_(sources), document_(document) {}

  void Build(const std::map<std::string, FileMemory>& memory, bool leaks) {
    RowMemory whole;
    for (const auto& [path, lines] : memory) {
      for (const auto& [number, line] : lines) whole.Add(*line, counts_.peaks);
    }
    whole_ = whole.counted;
    if (whole_ > 0) document_.totals.alloc_ci95 = IntervalOfAllocated(whole);
    FillRun();
    for (auto& [path, file] : document_.files) {
      const auto lines = memory.find(path);
      if (lines == memory.end()) continue;
      FillLines(lines->second, file);
      FillFunctions(path, lines->second, file);
      if (leaks) file.leaks = LeaksOf(lines->second, counts_.time_sec);
    }
  }

 private:
  void FillRun() {
    const Footprint& footprint = counts_.footprint;
    document_.memory = true;
    document_.alloc_samples = counts_.samples;
    document_.max_footprint_mb = footprint.highest / kMebibyte;
    if (footprint.highest > 0) document_.max_footprint_python_fraction = footprint.highest_python / footprint.highest;
    if (footprint.has_highest_line) {
      document_.max_footprint_fname = run_.strings->Get(footprint.highest_line.file);
      document_.max_footprint_lineno = footprint.highest_line.line;
    } else if (footprint.highest_on_native_thread) {
      document_.max_footprint_fname = "<native>";
    }
    if (counts_.all > 0) document_.growth_rate = 100 * footprint.at_end / counts_.all;
    document_.native_allocations_mb = counts_.native_threads / kMebibyte;
    document_.samples = PointsOf(footprint.curve, document_.elapsed_time_sec);
    Totals& totals = document_.totals;
    totals.alloc_mb = counts_.all / kMebibyte;
    totals.copy_mb = counts_.copied / kMebibyte;
    Document::MemoryRun& run = document_.memory_run;
    run.exact = footprint.exact;
    run.live_end_mb = footprint.at_end / kMebibyte;
    run.transient_mb = counts_.transient / kMebibyte;
    run.allocations = counts_.allocations;
    run.python = PointsOf(footprint.python, document_.elapsed_time_sec);
    run.rss = PointsOf(footprint.rss, document_.elapsed_time_sec);
    run.max_rss_mb = footprint.highest_rss / kMebibyte;
  }

  void FillRow(const RowMemory& memory, Row& row) const {
    row.malloc_mb = memory.counted / kMebibyte;
    row.peak_mb = std::min(memory.most / kMebibyte, document_.max_footprint_mb);
    row.mallocs = memory.counted > 0 ? std::max<int64_t>(1, std::llround(memory.Executions())) : 0;
    if (row.mallocs > 0) row.avg_mb = std::min(row.peak_mb, row.malloc_mb / static_cast<double>(row.mallocs));
    if (memory.counted > 0) row.python_fraction = std::clamp(memory.python / memory.counted, 0.0, 1.0);
    if (whole_ > 0) row.usage_fraction = std::clamp(memory.counted / whole_, 0.0, 1.0);
    if (document_.elapsed_time_sec > 0) row.copy_mb_s = memory.copied / kMebibyte / document_.elapsed_time_sec;
    row.alloc_mb = memory.all / kMebibyte;
    row.allocations = memory.allocations;
    row.live_end_mb = memory.live / kMebibyte;
    row.at_peak_mb = memory.at_peak / kMebibyte;
    row.copy_mb = memory.copied / kMebibyte;
    if (memory.aged > 0) row.mean_age_sec = memory.age_sec / memory.aged;
    if (memory.counted > 0) row.alloc_ci95 = IntervalOfAllocated(memory);
    if (memory.live > 0 && memory.live_variance > 0)
      row.live_ci95 = IntervalOf({.bytes = memory.live, .variance = memory.live_variance});
  }

  void FillLines(const FileMemory& lines, File& file) const {
    std::map<int, RowMemory> rows;
    for (const auto& [number, line] : lines) {
      const int shown = std::clamp(number, 1, static_cast<int>(file.lines.size()));
      rows[shown].Add(*line, counts_.peaks);
      file.lines[static_cast<size_t>(shown) - 1].memory_samples = PointsOf(line->curve, document_.elapsed_time_sec);
    }
    for (const auto& [number, row] : rows) FillRow(row, file.lines[static_cast<size_t>(number) - 1]);
  }

  void FillFunctions(const std::string& path, const FileMemory& lines, File& file) const {
    const Outline& outline = sources_.Get(path).outline;
    std::map<int, RowMemory> rows;  // by the function's first line
    std::map<int, double> most;
    for (const auto& [number, line] : lines) {
      const FunctionOutline* owner = outline.parsed() ? outline.FunctionAt(number) : nullptr;
      const int first = outline.parsed() ? (owner != nullptr ? owner->first_line : 0) : line->function_first_line;
      rows[first].Add(*line, counts_.peaks);
    }
    for (const auto& [key, held] : counts_.functions) {
      if (run_.strings->Get(key.first) == path) most[key.second] = held.most();
    }
    for (Function& function : file.functions) {
      const auto row = rows.find(function.lineno);
      if (row == rows.end()) continue;
      row->second.most = std::max(row->second.most, most[function.lineno]);
      FillRow(row->second, function);
    }
  }

  const RecordedRun& run_;
  const MemoryCounts& counts_;
  SourceCache& sources_;
  Document& document_;
  double whole_ = 0;  // bytes counted on all lines
};

}  // namespace

std::map<std::string, FileMemory> AttributeMemory(const RecordedRun& run, SourceCache& sources) {
  std::map<std::string, FileMemory> files;
  if (run.memory == nullptr) return files;
  for (const auto& [key, line] : run.memory->lines) {
    const std::string& file = run.strings->Get(key.file);
    if (!run.marked->empty() && !run.marked->Holds(file, key.line, sources.Get(file).outline)) continue;
    files[file][key.line] = &line;
  }
  return files;
}

double CountedMebibytes(const FileMemory& lines) {
  double bytes = 0;
  for (const auto& [number, line] : lines) bytes += line->counted;
  return bytes / kMebibyte;
}

void BuildMemory(const RecordedRun& run, const std::map<std::string, FileMemory>& memory, const MemoryOptions& options,
                 SourceCache& sources, Document& document) {
  if (run.memory == nullptr || !run.memory->profiled) return;
  MemoryBuilder(run, sources, document).Build(memory, options.leaks);
  if (options.stacks) BuildMemoryStacks(run, sources, document);
}

}  // namespace scalene::profile
