// LockWatch: waits for threading's locks in one process whose holders are known, until it is known on which lines those were.
// Threads: one owner. Bounded: see HeldMoments.
#pragma once

#include "collector/held_moments.h"

namespace scalene::collector {

class LockWatch {
 public:
  // A thread waited so long on a profiled line for what `holder` had at `time_sec`.
  void NoteWait(const profile::LineKey& waiter, pid_t holder, double sec, double time_sec) {
    moments_.At(time_sec, holder).waiters[waiter] += sec;
  }
  // Of what was noted now, the holders that do not run.
  void NoteBlocked(double now_sec, const HeldMoments::BlockedHold& hold) { moments_.NoteBlocked(now_sec, hold); }
  // Gives to `counts` what can be known by now; at the end of the process, with an infinite `now_sec`, the rest.
  void Settle(TargetProcess& process, double now_sec, SampleFolder& folder, profile::FoldedCounts& counts) {
    moments_.Settle(process, now_sec, false, folder, [&](const HeldMoments::Moment& moment) {
      if (!moment.hold) ++unknown_;
      for (const auto& [waiter, sec] : moment.waiters) {
        if (moment.hold) counts.AddLockHolder(waiter, moment.hold->line, sec);
      }
    });
  }

  // Moments of which the holder's line is not known.
  int64_t unknown() const { return unknown_; }

 private:
  HeldMoments moments_;
  int64_t unknown_ = 0;
};

}  // namespace scalene::collector
