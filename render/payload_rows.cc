#include "render/payload_rows.h"

#include <algorithm>

#include "base/task_pool.h"

namespace scalene::render {
namespace {

using profile::Row;

void AddNumber(const std::vector<RowPair>& rows, const std::string& name, const Row* RowPair::*side,
               const RowNumber& number, ColumnBlob& blob, ColumnSet& columns) {
  std::vector<float> values(rows.size());
  for (size_t i = 0; i < rows.size(); i++) {
    if (const Row* row = rows[i].*side) values[i] = Single(number.of(*row));
  }
  blob.AddUnlessZero(columns, name, values);
}

}  // namespace

bool HasData(const Row& row) {
  for (const profile::Metric& metric : profile::Metrics()) {
    if (profile::ValueOf(metric, row) != 0) return true;
  }
  return !row.waits.empty() || !row.memory_samples.empty();
}

LinesWithData FindLinesWithData(const profile::Document& document) {
  LinesWithData found;
  size_t lines = 0;
  for (const auto& [path, file] : document.files) {
    found[&file];
    lines += file.lines.size();
  }
  TaskPool pool(lines < kManyLines ? 0 : TaskPool::Helpers());
  for (auto& [file, with_data] : found) {
    pool.Add([file = file, &with_data = with_data] {
      for (const profile::Line& line : file->lines) {
        if (HasData(line)) with_data.push_back(&line);
      }
    });
  }
  pool.Finish();
  return found;
}

void AddRowColumns(const std::vector<RowPair>& rows, const std::vector<RowNumber>& numbers, ColumnBlob& blob,
                   ColumnSet& columns) {
  const bool compared = std::any_of(rows.begin(), rows.end(), [](const RowPair& row) { return row.before != nullptr; });
  for (const RowNumber& number : numbers) {
    AddNumber(rows, number.id, &RowPair::now, number, blob, columns);
    if (compared) AddNumber(rows, "before." + number.id, &RowPair::before, number, blob, columns);
  }
}

}  // namespace scalene::render
