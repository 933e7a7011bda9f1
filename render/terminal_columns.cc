#include "render/terminal_columns.h"

#include <algorithm>
#include <array>

#include "profile/format.h"
#include "profile/metrics.h"
#include "render/sparkline.h"

namespace scalene::render {
namespace {

using profile::Line;

constexpr double kHotPercent = 33;
constexpr size_t kLeastSource = 39;  // with the blank before it, 40 columns: an indented call with its arguments
constexpr size_t kSourceGap = 2;

// A percentage, blank below the threshold. A threshold below 1 asks for more digits than whole percents have.
std::string PercentText(double percent, const CellContext& context) {
  if (percent < context.threshold || percent == 0) return "";
  return context.threshold < 1 ? profile::FormatTenths(percent) : profile::FormatWhole(percent);
}

double UsagePercent(const Line& line) { return 100 * line.usage_fraction; }
bool ShowsPeak(const Line& line, const CellContext& context) {
  return line.peak_mb >= 0.5 || UsagePercent(line) >= context.threshold;
}

std::string PeakText(const Line& line, const CellContext& context) {
  if (!ShowsPeak(line, context)) return "";
  return profile::FormatCompactMebibytes(line.peak_mb);
}

std::string MemoryPythonText(const Line& line, const CellContext& context) {
  return ShowsPeak(line, context) ? PercentText(100 * line.python_fraction, context) : "";
}

std::string SparklineText(const Line& line, const CellContext& context) {
  if (UsagePercent(line) < context.threshold) return "";
  return Sparkline(line.memory_samples, 9, context.ascii);
}

std::string CopyText(const Line& line, const CellContext&) {
  return line.copy_mb_s < 0.5 ? "" : profile::FormatWhole(line.copy_mb_s);
}

double WaitedSeconds(const Line& line) {
  double sum = 0;
  for (const auto& [reason, seconds] : line.waits) sum += seconds;
  return sum;
}

// What the line waited for longest, and how long: "sleep 1.5s".
std::string WaitText(const Line& line, const CellContext&) {
  constexpr double kLeastSec = 0.05;  // rounds to nothing below
  const auto longest = std::max_element(line.waits.begin(), line.waits.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
  if (longest == line.waits.end() || longest->second < kLeastSec) return "";
  std::string reason = longest->first;
  std::replace(reason.begin(), reason.end(), '_', ' ');
  return reason + " " + profile::FormatTenths(longest->second) + "s";
}

template <double profile::Row::*member>
std::string Percent(const Line& line, const CellContext& context) {
  return PercentText(line.*member, context);
}
template <double profile::Row::*member>
double Value(const Line& line) {
  return line.*member;
}
double PeakCurve(const Line& line) { return line.peak_mb; }

constexpr std::array kColumns = {
    Column{"python", "Time %", "Python", "Python time", 6, kAlways, Ink::kTime, true,
           Percent<&profile::Row::cpu_percent_python>, Value<&profile::Row::cpu_percent_python>},
    Column{"native", "Time %", "native", "native time", 6, kAlways, Ink::kTime, true,
           Percent<&profile::Row::cpu_percent_c>, Value<&profile::Row::cpu_percent_c>},
    Column{"system", "Time %", "system", "system time", 6, kAlways, Ink::kTime, true,
           Percent<&profile::Row::sys_percent>, Value<&profile::Row::sys_percent>},
    Column{"gpu", "GPU", "%", "GPU", 5, 5, Ink::kGpu, true, Percent<&profile::Row::gpu_percent>,
           Value<&profile::Row::gpu_percent>},
    Column{"await", "Await", "%", "await", 5, 4, Ink::kAwait, false, Percent<&profile::Row::async_await_percent>,
           Value<&profile::Row::async_await_percent>},
    Column{"waits", "Waits", "longest", "waits", 15, 4, Ink::kTime, false, WaitText, WaitedSeconds},
    Column{"memory-python", "Memory", "Python", "memory Python", 6, 2, Ink::kMemory, false, MemoryPythonText,
           Value<&profile::Row::python_fraction>},
    Column{"peak", "Memory", "peak", "peak", 6, 7, Ink::kMemory, false, PeakText, Value<&profile::Row::peak_mb>},
    Column{"timeline", "Memory", "timeline", "timeline", 10, 1, Ink::kMemory, false, SparklineText, PeakCurve},
    Column{"usage", "Memory", "%", "usage", 4, 6, Ink::kMemory, true,
           [](const Line& line, const CellContext& context) { return PercentText(UsagePercent(line), context); },
           UsagePercent},
    Column{"copy", "Copy", "MB/s", "copy", 5, 3, Ink::kCopy, false, CopyText, Value<&profile::Row::copy_mb_s>},
};

// Whether the profile has measured what the column shows.
bool HasData(const Column& column, const profile::Document& document) {
  if (column.id == "gpu") return document.gpu;
  if (column.id == "waits") return false;  // only by name: each file ends with a line about them
  if (column.group == "Memory" || column.group == "Copy") return document.memory;
  if (column.id != "await") return true;
  return document.async_profile && std::any_of(document.files.begin(), document.files.end(), [](const auto& file) {
           const std::vector<Line>& lines = file.second.lines;
           return std::any_of(lines.begin(), lines.end(),
                              [](const Line& line) { return line.async_await_percent > 0; });
         });
}

bool Answers(const Column& column, std::string_view name) {
  if (name == "time") return column.group == "Time %";
  if (name == "memory") return column.group == "Memory";
  return column.id == name;
}

Status UnknownColumn(const std::string& name) {
  std::string known = "time, memory";
  for (const Column& column : kColumns) known += ", " + std::string(column.id);
  return Status::Error("unknown column '" + name + "' (known: " + known + ")");
}

}  // namespace

std::span<const Column> AllColumns() { return kColumns; }

const Column* FindColumn(std::string_view id) {
  const auto found =
      std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& column) { return column.id == id; });
  return found == kColumns.end() ? nullptr : &*found;
}

Result<std::vector<const Column*>> ChooseColumns(const profile::Document& document,
                                                 const std::vector<std::string>& names) {
  std::vector<const Column*> chosen;
  for (const std::string& name : names) {
    if (name == "line" || name == "source") continue;  // always there
    const bool known = std::any_of(kColumns.begin(), kColumns.end(), [&](const Column& c) { return Answers(c, name); });
    if (!known) return UnknownColumn(name);
  }
  for (const Column& column : kColumns) {
    const bool named =
        std::any_of(names.begin(), names.end(), [&](const std::string& name) { return Answers(column, name); });
    if (names.empty() ? HasData(column, document) : named) chosen.push_back(&column);
  }
  return chosen;
}

std::vector<const Column*> FitColumns(std::vector<const Column*> columns, size_t width,
                                      std::vector<const Column*>& left_out) {
  const auto less_kept = [](const Column* a, const Column* b) { return a->keep < b->keep; };
  while (TableWidth(columns) + kSourceGap + kLeastSource > width) {
    const auto least = std::min_element(columns.begin(), columns.end(), less_kept);
    if (least == columns.end() || (*least)->keep == kAlways) break;
    left_out.insert(left_out.begin(), *least);
    columns.erase(least);
  }
  return columns;
}

size_t TableWidth(std::span<const Column* const> columns) {
  size_t width = kLineNumberWidth;
  for (const Column* column : columns) width += 1 + column->width;
  return width;
}

bool IsHot(const Line& line) {
  return profile::CpuPercent(line) + line.gpu_percent >= kHotPercent || UsagePercent(line) >= kHotPercent;
}

bool IsActive(const Line& line, double threshold) {
  const double percentages[] = {line.cpu_percent_python, line.cpu_percent_c,       line.sys_percent,
                                line.gpu_percent,        line.async_await_percent, UsagePercent(line)};
  return std::any_of(std::begin(percentages), std::end(percentages),
                     [&](double percent) { return percent > 0 && percent >= threshold; });
}

}  // namespace scalene::render
