// HeldMoments: moments at which one thread had what another one waited for, kept until it is known on which line it had it:
//
//   the thread does not run     its stack, read from outside as for any wait
//   it runs                     its CPU sample nearest in time, at most kReachSec away; that may come later than the moment
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

class HeldMoments {
 public:
  struct Moment {
    double time_sec = 0;
    pid_t holder = 0;
    double held_sec = 0;             // for how long the moment stands, where that is asked for
    profile::HolderSeconds waiters;  // how long the moment stands for on each waiting line
    std::optional<TargetProcess::Hold> hold;
  };
  // Where a thread is that does not run; nullopt: it runs.
  using BlockedHold = std::function<std::optional<TargetProcess::Hold>(pid_t holder)>;

  // The moment at which `holder` was found to have it, made if there is none. Good until the next call.
  Moment& At(double time_sec, pid_t holder);
  // Of the moments of `time_sec`, where the holders are that do not run.
  void NoteBlocked(double time_sec, const BlockedHold& hold);
  // Gives away the moments of which nothing more will be known: with `hold`, or without. `with_gil`: a thread has it only
  // while it has the GIL. At the end of the process, with an infinite `now_sec`, all of them.
  void Settle(TargetProcess& process, double now_sec, bool with_gil, SampleFolder& folder,
              const std::function<void(const Moment&)>& take);

 private:
  // With eight threads in turn, each has a CPU sample every 80 ms.
  static constexpr double kReachSec = 0.25;

  std::deque<Moment> moments_;  // by time
};

}  // namespace scalene::collector
