// MemoryCounts: what sampled blocks have added up to, per line, function and stack, over all processes of the run. The
// memory side of FoldedCounts; bytes here are estimates (each sample stands for bytes / chance), the footprint is exact.
//
// What was live at the peak is kept without copying everything at each new peak: a holding notes its value when it first
// changes after a peak, and peaks have numbers.
// Bounded: lines and functions by the program's source, stacks by StackTable, curves by FootprintCurve.
// Threads: one owner.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "profile/document.h"
#include "profile/folded_counts.h"
#include "profile/footprint_curve.h"
#include "profile/memory_history.h"
#include "profile/tables.h"

namespace scalene::profile {

// Live bytes, their most, and what they were at the program's peak.
class Holding {
 public:
  void Add(double bytes, uint32_t peaks_so_far);
  double live() const { return live_ > 0 ? live_ : 0; }
  double most() const { return most_; }
  double AtPeak(uint32_t peaks_so_far) const { return noted_ == peaks_so_far ? at_peak_ : live(); }

 private:
  double live_ = 0, most_ = 0, at_peak_ = 0;
  uint32_t noted_ = 0;
};

struct LineMemory {
  double all = 0, counted = 0,
         python = 0;              // bytes allocated; counted: without transient blocks; Python's part of those
  double variance = 0, seen = 0;  // of `counted`: of the estimate, and the bytes of the samples themselves
  double allocations = 0;
  double executions = 0;                   // that allocated counted memory
  double exact_executions = 0, exact = 0;  // of blocks that are always sampled, and their bytes
  uint64_t last_execution = 0, last_exact_execution = 0;
  Holding held;
  double live_variance = 0;
  double age_sec = 0, aged = 0;  // of freed blocks: weights times seconds, weights
  double copied = 0;
  MemoryHistory history;
  FootprintCurve curve;  // the process's footprint at samples of this line
  StringId function;     // as the code object names it, for files without source
  int function_first_line = 0;
};

struct StackMemory {
  double counted = 0;
  Holding held;
};

struct Footprint {
  double highest = 0, highest_python = 0;  // bytes
  LineKey highest_line;                    // of the last sample before
  bool highest_on_native_thread = false, has_highest_line = false;
  double at_end = 0;
  bool exact = true;
  FootprintCurve curve, python, rss;
  double highest_rss = 0;
};

struct MemoryCounts {
  bool profiled = false;
  std::unordered_map<LineKey, LineMemory, LineKeyHash> lines;
  std::map<std::pair<StringId, int>, Holding>
      functions;  // file, first line by the source; what their lines hold together
  std::unordered_map<StackId, StackMemory> stacks;
  Footprint footprint;
  uint32_t peaks = 0;  // new highest footprints so far
  int64_t samples = 0;
  double allocations = 0;
  double all = 0;             // bytes, by the processes' own counters
  double native_threads = 0;  // bytes allocated on threads without Python
  double transient = 0;
  double outside = 0;  // bytes of stacks without a profiled line
  double copied = 0;
  double time_sec = 0;  // recorded, so far
};

}  // namespace scalene::profile
