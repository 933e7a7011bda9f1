// How metrics look beside each other: their colours, and the columns of a table of lines that people read. A metric
// without a place here still reaches every file and every payload; it only has no column of its own.
// Threads: constant data.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "profile/metrics.h"

namespace scalene::profile {

// A name of the page's palette: cpu-python, cpu-native, cpu-system, mem-python, mem-native, copy, await, gpu, neutral.
std::string_view ColorOf(const Metric& metric);

// Whether the values of lines may be added up to one of the program: a share of all time may, how busy a device was may
// not.
bool IsAdditive(const Metric& metric);

enum class ColumnKind : uint8_t {
  kBar,     // its metrics stacked in one bar, its number their sum
  kNumber,  // one metric
  kSpark,   // the footprint over time
};

struct TableColumn {
  std::string_view id, label;
  ColumnKind kind;
  std::array<std::string_view, 3> metrics;  // ids, in the order of the bar; "" is none
  std::string_view split;                   // id of a fraction that parts the bar in two, Python first
};

// In the order of the table. Waits, whose reasons a profile names itself, follow the time.
std::span<const TableColumn> TableColumns();

}  // namespace scalene::profile
