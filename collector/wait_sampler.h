// WaitSampler: looks at the threads of all processes from outside at jittered times, and says whose wait the idle time was.
//
//   idle time of the tree ─▶ the root's main thread, unless it only waits for threads or processes of the tree:
//                            then, in equal parts, the threads that really wait (sleep, I/O, a child not ours)
//
// Idle time that falls between looks at which nothing ran is held until the next such look. When looks stop for seconds (the
// profiler was stopped, the machine stood still) or the clock is set back, what lies between is nobody's: it is counted, and
// looking begins anew.
// Threads: one owner.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "collector/waiting_process.h"

namespace scalene::collector {

class WaitSampler {
 public:
  using Clock = std::function<double()>;  // s

  WaitSampler(SampleFolder& folder, profile::FoldedCounts& counts, bool read_tasks, Clock clock = MonotonicSec)
      : folder_(folder), counts_(counts), read_tasks_(read_tasks), clock_(std::move(clock)) {}

  void Look(const std::vector<std::unique_ptr<TargetProcess>>& processes);
  // The process has ended, or its recording: its last stretch, up to then.
  void Close(TargetProcess& process);
  // Until the next look, in ns: such that looking costs no more than a fixed share of a CPU.
  long NextGapNs();
  void AddLosses(profile::Losses& losses) const;
  // Processes whose memory could not be read.
  bool refused() const;
  // For how long nobody looked: the profiler, or the whole machine, stood still, or the clock was set.
  double unseen_sec() const { return unseen_sec_; }

 private:
  static double MonotonicSec();
  // A thread that idle time may be credited to.
  struct Waiter {
    WaitingProcess* process = nullptr;
    WaitingThread* thread = nullptr;
  };
  // A line that idle time was last credited to, and its part of it. Line 0: outside.
  struct Share {
    profile::LineKey line;
    profile::FrameData frame;
    profile::StackId stack;
    profile::StringId outside;
    double part = 0;
  };
  bool StoodStill(double sec);
  void StartAnew(const std::vector<std::unique_ptr<TargetProcess>>& processes, double now_sec);
  WaitingProcess& Attend(TargetProcess& process);
  void Forget(const TargetProcess& process);
  bool WaitsForTreeOnly(const WaitingThread& thread) const;
  std::vector<Waiter> Waiters();
  void CreditIdle(double now_sec);
  void CreditRest();
  void CreditShortWaits(double now_sec);
  void CreditIdleToTasks(const Waiter& waiter, double whole, double now_sec);
  void CreditIdleTo(const Waiter& waiter, double part, double now_sec);

  SampleFolder& folder_;
  profile::FoldedCounts& counts_;
  const bool read_tasks_;
  const Clock clock_;
  std::map<const TargetProcess*, std::unique_ptr<WaitingProcess>> processes_;
  std::map<pid_t, uint64_t> clock_of_pid_;  // of images that have ended: an exec goes on with the same clock
  const TargetProcess* root_ = nullptr;
  double last_look_sec_ = 0;  // 0: none yet
  double held_sec_ = 0;       // idle time not yet credited
  double idle_at_sec_ = 0;    // when nothing was last seen running
  int busy_looks_ = 0;        // since then
  IdleTime idle_;
  std::vector<Share> last_shares_;  // of the idle time credited last
  uint64_t random_ = 0x9e3779b97f4a7c15ull;
  long cost_ns_ = 0;     // of a look, smoothed
  long gap_ns_ = 0;      // as planned until the next look
  double late_sec_ = 0;  // added up over looks that came later than planned: waits may stand on neighbouring lines
  double unseen_sec_ = 0;
  int64_t clock_steps_back_ = 0;
  bool refused_ = false;
  WaitingProcess::Losses losses_;  // of processes that have ended
};

}  // namespace scalene::collector
