// GilWatch: the GIL of one process at the moments of looks: who had it, and who waited for it meanwhile. A holder that does
// not run has given it to code that is not Python.
// Threads: one owner. Bounded: see HeldMoments.
#pragma once

#include "collector/held_moments.h"

namespace scalene::collector {

class GilWatch {
 public:
  // A thread waited so long for `holder` on a line (none: no profiled one); `holder` had it at `time_sec`.
  void NoteWait(const profile::LineKey& waiter, pid_t holder, double sec, double time_sec);
  // The process's stretch that ends now, at whose end `holder` has the GIL (0: nobody) and somebody waits for it or not.
  void NoteLook(pid_t holder, bool contended, double sec, double now_sec, profile::FoldedCounts& counts);
  // Of what was noted now, the holders that do not run.
  void NoteBlocked(double now_sec, const HeldMoments::BlockedHold& hold) { moments_.NoteBlocked(now_sec, hold); }
  // Gives to `counts` what can be known by now; at the end of the process, with an infinite `now_sec`, the rest.
  void Settle(TargetProcess& process, double now_sec, SampleFolder& folder, profile::FoldedCounts& counts);

  // Moments of which the holder's line is not known.
  int64_t unknown() const { return unknown_; }

 private:
  void SettleMoment(const HeldMoments::Moment& moment, profile::FoldedCounts& counts);

  HeldMoments moments_;
  int64_t unknown_ = 0;
};

}  // namespace scalene::collector
