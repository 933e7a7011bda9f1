// The rows of lines and of functions as columns: metrics, waits, intervals, and the same of an older profile beside them.
// Part of the payload.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "profile/metrics.h"
#include "render/payload_columns.h"

namespace scalene::render {

// A row, and what it was in the older profile; either may be missing.
struct RowPair {
  const profile::Row* now = nullptr;
  const profile::Row* before = nullptr;
};

// One number of a row that gets a column: a metric, or the seconds of one reason to wait.
struct RowNumber {
  std::string id;
  std::function<double(const profile::Row&)> of;
};

// Whether a row has anything to show.
bool HasData(const profile::Row& row);

inline constexpr size_t kManyLines = 20000;  // below it threads cost more than they bring

// The lines of each file that have data, in their order: of a large profile few have. Looked through side by side.
using LinesWithData = std::unordered_map<const profile::File*, std::vector<const profile::Line*>>;
LinesWithData FindLinesWithData(const profile::Document& document);

// Adds the columns of all numbers that occur.
void AddRowColumns(const std::vector<RowPair>& rows, const std::vector<RowNumber>& numbers, ColumnBlob& blob,
                   ColumnSet& columns);

}  // namespace scalene::render
