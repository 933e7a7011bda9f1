// The timeline as runs with an end: from t on, for `length`, this thread was in this stack. And how busy the program was
// in each part of its time, computed from them.
// Threads: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "profile/document.h"
#include "profile/stack_tree.h"

namespace scalene::profile {

struct TimelineRun {
  int64_t start_us = 0, length_us = 0;
  int64_t hit_us = 0;   // of the length, what its hits stand for: less where the thread waited for the GIL or a CPU
  uint32_t stack = 0;   // into Document::combined_stacks
  uint32_t thread = 0;  // into ThreadsOf
};

// The threads of the profile, then those that only the timeline names.
std::vector<ThreadRow> ThreadsOf(const Document& document);

// In order of their starts. A run lasts to its last hit, at least as long as its hits say, at most until the next one of
// its thread begins. Beyond `most`, short neighbours of a thread are joined under the stack of the longer one.
std::vector<TimelineRun> RunsOf(const Document& document, const std::vector<ThreadRow>& threads, size_t most);

inline constexpr size_t kOverviewBins = 400;

// CPUs busy, by kind, in equal parts of the elapsed time; `idle`: threads that waited.
struct Overview {
  std::vector<float> python, native, system, idle;
};
Overview OverviewOf(const Document& document, const std::vector<TimelineRun>& runs);

}  // namespace scalene::profile
