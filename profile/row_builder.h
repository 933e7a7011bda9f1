// Lines and functions of one file from its sums. Part of BuildDocument.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "profile/document.h"
#include "profile/folded_counts.h"
#include "profile/source_cache.h"

namespace scalene::profile {

// What a share is a share of, and the table of names.
struct Whole {
  const StringTable* strings = nullptr;
  double total_sec = 0;          // CPU + idle time on profiled lines: the 100 %
  double await_sec = 0;          // of all lines
  double effective_samples = 0;  // (sum of weights)^2 / sum of squares: how many equal samples would be as certain
};

// Sums of a function: its lines added up.
struct FunctionSums {
  std::string name;
  int first_line = 0;
  bool is_coroutine = false;
  LineCounts counts;
};

// The ten lines that held it longest, longest first.
std::vector<Holder> LongestHolders(const HolderSeconds& holders, const StringTable& strings);

void FillAwaits(const AwaitCounts& awaits, const Whole& whole, Row& row);

// Fills the percentages, seconds and the error bar of a row.
void FillTimes(const LineCounts& counts, const Whole& whole, Row& row);

// The same sums, with line numbers far behind the end of the source gathered on one line: a code object can claim any.
std::map<int, LineCounts> WithinReason(const Source& source, std::map<int, LineCounts> counts);

// All lines of a file, active or not, in order. `counts` by line number.
std::vector<Line> BuildLines(const Source& source, const std::map<int, LineCounts>& counts, const Whole& whole);

// The functions of a file that have sums, by first line, then name.
std::vector<Function> BuildFunctions(const Source& source, const std::map<int, LineCounts>& counts,
                                     const StringTable& strings, const Whole& whole);

// [low, high] in percent: Wilson's 95 % interval of a share.
std::pair<double, double> WilsonInterval(double share, double samples);

}  // namespace scalene::profile
