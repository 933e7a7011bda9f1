#include "profile/timeline.h"

#include <iterator>

namespace scalene::profile {

void Timeline::Add(uint64_t thread, StackId stack, double time_sec) {
  recent_.emplace_hint(recent_.end(), time_sec, Recent{thread, stack});
  if (recent_.size() > kMostRecent) Settle(std::next(recent_.begin(), kMostRecent / 10)->first);
}

void Timeline::Settle(double until_sec) {
  while (!recent_.empty() && recent_.begin()->first < until_sec) {
    const auto& [time_sec, sample] = *recent_.begin();
    Append(sample.thread, sample.stack, time_sec);
    recent_.erase(recent_.begin());
  }
}

void Timeline::Append(uint64_t thread, StackId stack, double time_sec) {
  const auto open = open_.find(thread);
  if (open != open_.end()) {
    Run& run = runs_[open->second];
    if (run.stack == stack && time_sec - run.last_sec <= kLongestGapSec) {
      ++run.count;
      run.last_sec = time_sec;
      return;
    }
  }
  if (runs_.size() >= kMost) Halve();
  if (open_.size() >= kMostOpen) open_.clear();  // most are dead; the others start a new run
  open_[thread] = runs_.size();
  runs_.push_back({time_sec, time_sec, thread, stack, 1});
}

// Of two runs in a row of one thread the heavier one stays, with the counts of both.
void Timeline::Halve() {
  ++halved_;
  std::vector<Run> kept;
  std::unordered_map<uint64_t, size_t> last;    // thread -> place in kept
  std::unordered_map<uint64_t, bool> joinable;  // the last run of that thread stands alone so far
  for (const Run& run : runs_) {
    const auto place = last.find(run.thread);
    if (place != last.end() && joinable[run.thread]) {
      Run& before = kept[place->second];
      if (run.count > before.count) before.stack = run.stack;
      before.count += run.count;
      before.last_sec = run.last_sec;
      joinable[run.thread] = false;
    } else {
      last[run.thread] = kept.size();
      joinable[run.thread] = true;
      kept.push_back(run);
    }
  }
  runs_.swap(kept);
  open_ = last;
}

}  // namespace scalene::profile
