// One function for each thing that can limit a program. It says something, or nothing.
#pragma once

#include <optional>

#include "profile/insight_facts.h"

namespace scalene::profile::rules {

using Finding = std::optional<Insight>;

// insight_rules_time.cc
Finding PythonBound(const InsightFacts& facts);
Finding NativeBound(const InsightFacts& facts);
Finding KernelBound(const InsightFacts& facts);
Finding PageFaults(const InsightFacts& facts);
Finding OneLoop(const InsightFacts& facts);
Finding OutsideFiles(const InsightFacts& facts);
Finding TooFewSamples(const InsightFacts& facts);

// insight_rules_waits.cc
Finding Waiting(const InsightFacts& facts);
Finding GlobalLock(const InsightFacts& facts);
Finding HeldLocks(const InsightFacts& facts);
Finding EventLoopLag(const InsightFacts& facts);
Finding IdleGpu(const InsightFacts& facts);

// insight_rules_memory.cc
Finding Leaks(const InsightFacts& facts);
Finding MemoryGrowth(const InsightFacts& facts);
Finding PeakMemory(const InsightFacts& facts);
Finding Copies(const InsightFacts& facts);

}  // namespace scalene::profile::rules
