// IdleTime: how long nothing ran, of a set of threads, from clocks and looks at random moments.
//
//   idle = wall − Σ busy + overlap           busy: on a CPU or waiting for one, by the threads' clocks
//
// The overlap, time for which several threads were busy at once, is the only thing that no clock tells: each look counts
// the busy threads, r, and r − 1 of them stand for overlap until the look before. So with one thread at a time the result
// is exact, and otherwise unbiased. What an interval cannot have is carried to the next one: clocks move in steps, and the
// time that a thread waited for a CPU shows only when it has got one.
// Threads: one owner.
#pragma once

#include <algorithm>

namespace scalene::collector {

class IdleTime {
 public:
  struct Interval {
    double sec = 0;          // since the last look
    double busy_sec = 0;     // of all threads
    double longest_sec = 0;  // of the busiest thread alone
    int busy_now = 0;        // threads on a CPU or waiting for one at this look
  };

  double Add(const Interval& interval) {
    const double overlap = interval.sec * std::max(0, interval.busy_now - 1);
    const double estimate = interval.sec - interval.busy_sec + overlap + carry_;
    const double most = std::clamp(interval.sec - interval.longest_sec, 0.0, interval.sec);
    const double idle = std::clamp(estimate, 0.0, most);
    carry_ = std::clamp(estimate - idle, -kMostCarried, kMostCarried);
    return idle;
  }

 private:
  static constexpr double kMostCarried = 1;  // s
  double carry_ = 0;
};

}  // namespace scalene::collector
