// RecordedRun: everything a recording has found out, merged over its processes and not yet attributed to source text.
// BuildDocument makes the profile of it. The tables belong to the recording and outlive this.
// Threads: a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "profile/document.h"
#include "profile/folded_counts.h"
#include "profile/memory_counts.h"
#include "profile/python_environment.h"
#include "profile/tables.h"
#include "profile/timeline.h"

namespace scalene::profile {

class MarkedFunctions;

struct RecordedRun {
  const StringTable* strings = nullptr;
  const FrameTable* frames = nullptr;
  const StackTable* stacks = nullptr;
  const Timeline* timeline = nullptr;
  const MarkedFunctions* marked = nullptr;
  const MemoryCounts* memory = nullptr;

  FoldedCounts counts;  // of all processes, each scaled to its CPU clock
  int program_pid = 0;  // the root's
  double interval_sec = 0.01;
  double cpus_usable = 0;         // by the program; may be a fraction
  bool recorded = false;          // the root's interpreter began to run the program
  double start_absolute_sec = 0;  // Unix time when recording began
  double start_monotonic_sec = 0;
  double elapsed_sec = 0;  // of the root, recorded
  double cpu_sec = 0;      // of all processes, by their clocks
  double lost_sec = 0;     // CPU time in no sample
  std::optional<uint64_t> main_thread_id;
  PythonEnvironment environment;  // the root's
  std::vector<ProcessRow> processes;
  std::vector<ThreadRow> threads;
  Losses losses;
  std::vector<std::string> warnings;
};

}  // namespace scalene::profile
