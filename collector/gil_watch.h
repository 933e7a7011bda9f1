// GilWatch: the GIL of one process at the moments of looks: who had it, and who waited for it meanwhile.
//
//   holder blocked in the kernel   its stack, read from outside as for any wait: held by code that is not Python
//   holder running                 its CPU sample nearest in time that was taken with the GIL held, at most kReachSec away;
//                                  that may come later than the look, so the moment is kept until then
//
// Looks come at random times, so what they add up to is unbiased.
// Threads: one owner. Bounded: a moment is kept for twice kReachSec.
#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <optional>

#include "collector/sample_folder.h"
#include "collector/target_process.h"
#include "profile/folded_counts.h"

namespace scalene::collector {

class GilWatch {
 public:
  // Where a thread holds the GIL that does not run; nullopt: it runs.
  using BlockedHold = std::function<std::optional<TargetProcess::Hold>(pid_t holder)>;

  // A thread waited so long for `holder` on a line (none: no profiled one).
  void NoteWait(const profile::LineKey& waiter, pid_t holder, double sec, double now_sec);
  // The process's stretch that ends now, at whose end `holder` has the GIL (0: nobody) and somebody waits for it or not.
  void NoteLook(pid_t holder, bool contended, double sec, double now_sec, profile::FoldedCounts& counts);
  // Of what was noted now, the holders that do not run.
  void NoteBlocked(double now_sec, const BlockedHold& hold);
  // Gives to `counts` what can be known by now; at the end of the process, with an infinite `now_sec`, the rest.
  void Settle(TargetProcess& process, double now_sec, SampleFolder& folder, profile::FoldedCounts& counts);

  // Moments of which the holder's line is not known.
  int64_t unknown() const { return unknown_; }

 private:
  // With eight threads in turn, each has a CPU sample every 80 ms.
  static constexpr double kReachSec = 0.25;

  struct Moment {
    double time_sec = 0;
    pid_t holder = 0;
    double held_sec = 0;  // the process's stretch that it stands for
    profile::HolderSeconds waiters;
    std::optional<TargetProcess::Hold> hold;
  };
  Moment& MomentOf(pid_t holder, double now_sec);
  void SettleMoment(const Moment& moment, profile::FoldedCounts& counts);

  std::deque<Moment> moments_;
  int64_t unknown_ = 0;
};

}  // namespace scalene::collector
