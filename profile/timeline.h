// Timeline: which stack each thread was in, when, run-length coded. When it is full its resolution halves; the end is
// never cut off.
//
//   Add ─▶ recent (sorted by time) ─▶ runs          CPU samples and looks from outside come by different roads, so a
//                                                   sample may be late: by kMostRecent others
//
// Bounded: kMost runs, kMostRecent samples, kMostOpen threads whose last run may still grow.
// Threads: one owner.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "profile/tables.h"

namespace scalene::profile {

class Timeline {
 public:
  static constexpr size_t kMost = 100'000;
  static constexpr size_t kMostOpen = 20'000;
  static constexpr size_t kMostRecent = 50'000;  // 4 MB
  // A thread that was not seen for longer has done something else meanwhile: its next sample begins a new run.
  static constexpr double kLongestGapSec = 0.25;

  struct Run {
    double time_sec = 0, last_sec = 0;  // CLOCK_MONOTONIC, of its first and its last sample
    uint64_t thread = 0;                // what the file calls thread_id
    StackId stack;
    int64_t count = 0;  // samples
  };

  void Add(uint64_t thread, StackId stack, double time_sec);
  // What has been added so far counts as complete.
  void Settle() { Settle(kForever); }
  // As far as settled.
  const std::vector<Run>& runs() const { return runs_; }
  int64_t halved() const { return halved_; }

 private:
  static constexpr double kForever = 1e300;
  struct Recent {
    uint64_t thread;
    StackId stack;
  };
  void Settle(double until_sec);
  void Append(uint64_t thread, StackId stack, double time_sec);
  void Halve();
  std::multimap<double, Recent> recent_;
  std::vector<Run> runs_;
  std::unordered_map<uint64_t, size_t> open_;  // thread -> its last run
  int64_t halved_ = 0;
};

}  // namespace scalene::profile
