// Timeline: which stack each thread was in, when, run-length coded. When it is full its resolution halves; the end is
// never cut off.
// Threads: one owner.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "profile/tables.h"

namespace scalene::profile {

class Timeline {
 public:
  static constexpr size_t kMost = 100'000;

  struct Run {
    double time_sec = 0;  // CLOCK_MONOTONIC, of its first sample
    uint64_t thread = 0;  // what the file calls thread_id
    StackId stack;
    int64_t count = 0;  // samples
  };

  // Times of one thread must not fall.
  void Add(uint64_t thread, StackId stack, double time_sec);
  const std::vector<Run>& runs() const { return runs_; }
  int64_t halved() const { return halved_; }

 private:
  void Halve();
  std::vector<Run> runs_;
  std::unordered_map<uint64_t, size_t> open_;  // thread -> its last run
  int64_t halved_ = 0;
};

}  // namespace scalene::profile
