// The one list of metrics: what a row of the profile measures, what each value is called, how it merges and when it is
// too small to show. The writer and the reader of the profile file, its schema and its checks, the terminal, and later
// merge, diff and the page, all go through this list; a metric is added here and as a member of Row.
//
// Threads: constant data.
#pragma once

#include <limits>
#include <span>
#include <string_view>

#include "profile/document.h"

namespace scalene::profile {

enum class Unit : uint8_t { kPercent, kFraction, kMebibytes, kMebibytesPerSecond, kSeconds, kCount };

// What becomes of a value when two profiles of the same line meet.
enum class Merge : uint8_t {
  kSum,        // seconds, bytes, counts
  kRecompute,  // percentages, fractions, means: from the sums behind them
  kMaximum,
};

// Where the file keeps the value.
enum class Place : uint8_t {
  kRow,          // always written; every reader may rely on it
  kOptionalRow,  // always written; profiles of older references lack it
  kExt,          // under "ext", left out when zero
};

inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

struct Metric {
  std::string_view id;     // "time.python": stable name for --sort, --columns and comparisons
  std::string_view key;    // in the file
  std::string_view label;  // for people
  Unit unit;
  Merge merge;
  Place place;
  double maximum;     // upper bound in the file; the lower one is 0 for all
  double hide_below;  // a cell below this is blank
  double Row::*real;  // exactly one of real and count is set
  int64_t Row::*count;
  std::string_view help;
};

// All metrics, sorted by place, then key.
std::span<const Metric> Metrics();

// By id, or nullptr.
const Metric* FindMetric(std::string_view id);

inline double ValueOf(const Metric& metric, const Row& row) {
  return metric.real ? row.*metric.real : static_cast<double>(row.*metric.count);
}

// python + native + system: the share of all time on this row, in percent.
inline double CpuPercent(const Row& row) { return row.cpu_percent_python + row.cpu_percent_c + row.sys_percent; }

}  // namespace scalene::profile
