#include "profile/row_builder.h"

#include <algorithm>
#include <cmath>

#include "profile/metrics.h"

namespace scalene::profile {
namespace {

void AddCounts(const LineCounts& from, LineCounts& to) {
  to.sec.AddScaled(from.sec, 1);
  to.waits.Add(from.waits);
  to.awaits.Add(from.awaits);
  AddHolders(from.gil_holders, to.gil_holders);
  AddHolders(from.lock_holders, to.lock_holders);
  to.samples += from.samples;
  to.off_cpu_samples += from.off_cpu_samples;
  to.squared_weights += from.squared_weights;
  to.utilization_sum += from.utilization_sum;
}

// Which function a line belongs to: by the source's structure, or by its code objects where there is no source to parse.
FunctionSums FunctionOf(const Source& source, int line, const LineCounts& counts, const StringTable& strings) {
  FunctionSums sums;
  if (const FunctionOutline* function = source.outline.FunctionAt(line)) {
    sums.name = source.outline.Qualname(*function);
    sums.first_line = function->first_line;
    sums.is_coroutine = function->is_coroutine;
  } else if (!source.outline.parsed() && strings.Get(counts.function) != "<module>") {
    sums.name = strings.Get(counts.function);
    sums.first_line = counts.function_first_line;
  }
  return sums;
}

Line BuildLine(const Source& source, int number) {
  Line line;
  line.lineno = number;
  line.text = source.text.Line(number);
  if (source.outline.parsed()) {
    line.regions = source.outline.RegionsOf(number);
    const FunctionOutline* function = source.outline.FunctionAt(number);
    line.is_coroutine = function != nullptr && function->is_coroutine;
  } else {
    line.regions = {number, number, number, number, 0, 0};
  }
  return line;
}

}  // namespace

std::pair<double, double> WilsonInterval(double share, double samples) {
  if (samples <= 0) return {0, 100};
  constexpr double kZ = 1.959964;  // 95 %
  const double z2 = kZ * kZ / samples;
  const double middle = (share + z2 / 2) / (1 + z2);
  const double half = kZ / (1 + z2) * std::sqrt(share * (1 - share) / samples + z2 / (4 * samples));
  return {100 * std::max(0.0, middle - half), 100 * std::min(1.0, middle + half)};
}

std::vector<Holder> LongestHolders(const HolderSeconds& holders, const StringTable& strings) {
  constexpr size_t kMost = 10;
  std::vector<Holder> longest;
  for (const auto& [line, sec] : holders) longest.push_back({strings.Get(line.file), line.line, sec});
  std::stable_sort(longest.begin(), longest.end(), [](const auto& a, const auto& b) { return a.sec > b.sec; });
  if (longest.size() > kMost) longest.resize(kMost);
  return longest;
}

void FillAwaits(const AwaitCounts& awaits, const Whole& whole, Row& row) {
  row.loop_lag_sec = awaits.lag_sec;
  row.loop_block_sec = awaits.block_sec;
  if (awaits.looked_sec <= 0 || whole.await_sec <= 0) return;
  row.async_await_percent = std::clamp(100 * awaits.sec / whole.await_sec, 0.0, 100.0);
  row.async_concurrency_mean = awaits.concurrency / awaits.looked_sec;
  row.async_concurrency_peak = awaits.peak;
  row.async_task_names.assign(awaits.names.begin(), awaits.names.end());
  row.await_task_sec = awaits.task_sec;
}

void FillTimes(const LineCounts& counts, const Whole& whole, Row& row) {
  const auto percent = [&whole](double sec) {
    return whole.total_sec > 0 ? std::clamp(100 * sec / whole.total_sec, 0.0, 100.0) : 0.0;
  };
  row.python_sec = counts.sec.python;
  row.native_sec = counts.sec.native;
  row.kernel_sec = counts.sec.kernel;
  row.idle_sec = counts.sec.idle;
  row.cpu_percent_python = percent(counts.sec.python);
  row.cpu_percent_c = percent(counts.sec.native);
  row.sys_percent = percent(counts.sec.kernel + counts.sec.idle);
  row.samples = counts.samples + counts.off_cpu_samples;
  row.waits = NamedWaits(counts.waits);
  row.gil_holders = LongestHolders(counts.gil_holders, *whole.strings);
  row.lock_holders = LongestHolders(counts.lock_holders, *whole.strings);
  FillAwaits(counts.awaits, whole, row);
  if (row.samples == 0) return;
  if (counts.samples > 0)
    row.core_utilization = std::clamp(counts.utilization_sum / static_cast<double>(counts.samples), 0.0, 1.0);
  row.ci95 = WilsonInterval(std::clamp(CpuPercent(row) / 100, 0.0, 1.0), whole.effective_samples);
}

std::map<int, LineCounts> WithinReason(const Source& source, std::map<int, LineCounts> counts) {
  constexpr int kMostBeyond = 20'000;  // generated code and changed sources; line numbers can be anything
  const int last = source.text.line_count() + kMostBeyond;
  while (!counts.empty() && counts.rbegin()->first > last) {
    const auto beyond = std::prev(counts.end());
    AddCounts(beyond->second, counts[last]);
    counts.erase(beyond);
  }
  return counts;
}

std::vector<Line> BuildLines(const Source& source, const std::map<int, LineCounts>& counts, const Whole& whole) {
  const int last = std::max(source.text.line_count(), counts.empty() ? 0 : counts.rbegin()->first);
  std::vector<Line> lines;
  lines.reserve(static_cast<size_t>(last));
  for (int number = 1; number <= last; ++number) lines.push_back(BuildLine(source, number));
  for (const auto& [number, sums] : counts) {
    Line& line = lines[static_cast<size_t>(number) - 1];
    FillTimes(sums, whole, line);
    line.cpu_samples_list = sums.sample_times.values();
    std::sort(line.cpu_samples_list.begin(), line.cpu_samples_list.end());
    if (line.cpu_samples_list.size() > Thinned::kMost) {
      std::vector<double> even;
      for (size_t i = 0; i < Thinned::kMost; ++i)
        even.push_back(line.cpu_samples_list[i * line.cpu_samples_list.size() / Thinned::kMost]);
      line.cpu_samples_list.swap(even);
    }
  }
  return lines;
}

std::vector<Function> BuildFunctions(const Source& source, const std::map<int, LineCounts>& counts,
                                     const StringTable& strings, const Whole& whole) {
  std::map<std::pair<int, std::string>, FunctionSums> functions;
  for (const auto& [number, sums] : counts) {
    FunctionSums owner = FunctionOf(source, number, sums, strings);
    if (owner.name.empty()) continue;
    auto& function = functions.try_emplace({owner.first_line, owner.name}, owner).first->second;
    AddCounts(sums, function.counts);
  }
  std::vector<Function> rows;
  for (const auto& [key, function] : functions) {
    Function row;
    row.text = function.name;
    row.lineno = std::max(1, function.first_line);
    row.is_coroutine = function.is_coroutine;
    FillTimes(function.counts, whole, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace scalene::profile
