#include "collector/wait_sampler.h"

#include <time.h>

#include <algorithm>

#include "collector/proc_files.h"

namespace scalene::collector {
namespace {

using profile::WaitReason;

constexpr long kMeanGapNs = 10'000'000;
constexpr double kMostHeldSec = 1;
constexpr double kLateSec = 0.01;
constexpr long kCostFactor = 50;  // 2 % of a CPU

int64_t Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}
}  // namespace

double WaitSampler::MonotonicSec() { return static_cast<double>(Now(CLOCK_MONOTONIC)) * 1e-9; }

WaitingProcess& WaitSampler::Attend(TargetProcess& process) {
  auto& place = processes_[&process];
  if (!place) {
    // A process new to us has been busy since its birth. The root's time before the program began does not count.
    const auto known = clock_of_pid_.find(process.pid());
    const uint64_t clock = known != clock_of_pid_.end() ? known->second
                           : process.is_root()          ? process.start()->process_cpu_ns
                                                        : 0;
    place = std::make_unique<WaitingProcess>(process, clock, read_tasks_);
    if (process.is_root()) root_ = &process;
    if (last_look_sec_ == 0) idle_at_sec_ = last_look_sec_ = static_cast<double>(process.start()->time_ns) * 1e-9;
  }
  return *place;
}

void WaitSampler::Look(const std::vector<std::unique_ptr<TargetProcess>>& processes) {
  const int64_t begun = Now(CLOCK_THREAD_CPUTIME_ID);
  const double now_sec = clock_();
  if (last_look_sec_ > 0 && StoodStill(now_sec - last_look_sec_)) return StartAnew(processes, now_sec);
  if (last_look_sec_ > 0)
    late_sec_ += std::max(0.0, now_sec - last_look_sec_ - 1e-9 * static_cast<double>(gap_ns_) - kLateSec);
  bool all_stopped = true, any = false;
  IdleTime::Interval whole;
  for (const auto& process : processes) {
    if (!process->recording()) continue;
    if (!process->enabled()) {
      Forget(*process);
      continue;
    }
    WaitingProcess& waiting = Attend(*process);
    whole.sec = std::max(0.0, now_sec - last_look_sec_);
    const auto look = waiting.LookAt(whole.sec, now_sec, folder_, counts_);
    waiting.IdleOf(whole.sec, look);
    any = true;
    all_stopped &= look.stopped;
    whole.busy_sec += look.cpu_sec + look.delay_sec + look.stolen_sec;
    whole.longest_sec = std::max(whole.longest_sec, look.longest_sec);
    whole.busy_now += look.busy;
  }
  if (last_look_sec_ > 0) last_look_sec_ = now_sec;
  if (any && !all_stopped) {
    held_sec_ += idle_.Add(whole);
    if (whole.busy_now == 0) {
      CreditIdle(now_sec);
    } else {
      if (busy_looks_ == 0) CreditRest();
      CreditShortWaits(now_sec);
    }
  }
  const long cost = static_cast<long>(Now(CLOCK_THREAD_CPUTIME_ID) - begun);
  cost_ns_ = (7 * cost_ns_ + cost) / 8;
}

// Far longer than planned, or backwards.
bool WaitSampler::StoodStill(double sec) {
  constexpr double kMostLateSec = 5;  // looks come late on a busy machine, too
  if (sec >= 0 && sec <= kMostLateSec + 4e-9 * static_cast<double>(gap_ns_)) return false;
  unseen_sec_ += std::max(0.0, sec);
  clock_steps_back_ += sec < 0;
  return true;
}

void WaitSampler::StartAnew(const std::vector<std::unique_ptr<TargetProcess>>& processes, double now_sec) {
  CreditRest();
  held_sec_ = 0;
  for (const auto& process : processes) {
    if (process->recording()) Forget(*process);
  }
  idle_ = {};
  last_look_sec_ = idle_at_sec_ = now_sec;
}

// Suspended: what it does meanwhile is nobody's.
void WaitSampler::Forget(const TargetProcess& process) {
  const auto found = processes_.find(&process);
  if (found != processes_.end()) {
    found->second->Finish(folder_, counts_);
    losses_.Add(found->second->losses());
    refused_ |= found->second->refused();
    processes_.erase(found);
  }
  clock_of_pid_[process.pid()] = CpuClockOf(process.pid()).value_or(0);
  if (process.is_root()) idle_ = {};
  if (last_look_sec_ == 0) last_look_sec_ = clock_();
}

long WaitSampler::NextGapNs() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  const long mean = std::max(kMeanGapNs, kCostFactor * cost_ns_);
  gap_ns_ = mean / 2 + static_cast<long>(random_ % static_cast<uint64_t>(mean));
  return gap_ns_;
}

// A lock, a join, a queue: some thread of ours holds it up. The same for a child that is ours.
bool WaitSampler::WaitsForTreeOnly(const WaitingThread& thread) const {
  const WaitReason reason = thread.reason;
  if (reason == WaitReason::kLock || reason == WaitReason::kGil || reason == WaitReason::kStopTheWorld) return true;
  if (thread.reason != WaitReason::kChild) return false;
  return std::any_of(processes_.begin(), processes_.end(), [&](const auto& entry) {
    const pid_t pid = entry.first->pid();
    return entry.first != root_ && (thread.awaited_child == 0 || thread.awaited_child == pid);
  });
}

std::vector<WaitSampler::Waiter> WaitSampler::Waiters() {
  Waiter main;
  const auto root = processes_.find(root_);
  if (root != processes_.end()) main = {root->second.get(), root->second->MainThread()};
  if (main.thread != nullptr && !WaitsForTreeOnly(*main.thread)) return {main};
  std::vector<Waiter> waiters;
  for (const auto& [key, process] : processes_) {
    for (auto& [tid, thread] : process->threads()) {
      const bool really_waits = thread.state == WaitingThread::State::kBlocked && !WaitsForTreeOnly(thread);
      if (really_waits && thread.has_python) waiters.push_back({process.get(), &thread});
    }
  }
  if (waiters.empty() && main.thread != nullptr) waiters.push_back(main);
  return waiters;
}

void WaitSampler::CreditIdle(double now_sec) {
  idle_at_sec_ = now_sec;
  busy_looks_ = 0;
  if (held_sec_ <= 0) return;
  const std::vector<Waiter> waiters = Waiters();
  const bool unread = std::any_of(waiters.begin(), waiters.end(), [](auto& w) { return w.thread->tasks_unread; });
  if (unread && held_sec_ < kMostHeldSec) return;
  last_shares_.clear();
  const double part = 1 / static_cast<double>(std::max<size_t>(1, waiters.size()));
  for (const Waiter& waiter : waiters) CreditIdleTo(waiter, part, now_sec);
  if (waiters.empty()) last_shares_.push_back({{}, {}, {}, {}, 1});
  CreditRest();
}

// By the same parts as the last time.
void WaitSampler::CreditRest() {
  if (held_sec_ <= 0 || last_shares_.empty()) return;
  for (const Share& share : last_shares_) {
    if (share.line.line == 0 && !share.stack) {
      counts_.AddIdleOutside(share.outside, held_sec_ * share.part);
    } else if (share.line.line == 0) {
      counts_.AddIdleToStack(share.stack, held_sec_ * share.part);
    } else {
      counts_.AddIdle(share.line, share.frame, share.stack, held_sec_ * share.part);
    }
  }
  held_sec_ = 0;
}

// The program has not been seen idle for a while: what idle time there was lay between the lines that ran.
void WaitSampler::CreditShortWaits(double now_sec) {
  if (++busy_looks_ < kShortWaitsLooks || held_sec_ <= 0 || now_sec - idle_at_sec_ < kShortWaitsSec) return;
  const auto root = processes_.find(root_);
  if (root == processes_.end()) return;
  TargetProcess& process = root->second->process();
  const auto recent = process.NewestLine(process.pid(), folder_);
  if (now_sec - recent.time_sec < 4 * kShortWaitsSec) {
    counts_.AddIdle(recent.line, recent.frame, recent.stack, held_sec_);
  } else {
    counts_.AddIdleOutside({}, held_sec_);
  }
  held_sec_ = 0;
}

void WaitSampler::CreditIdleTo(const Waiter& waiter, double part, double now_sec) {
  const WaitingThread& thread = *waiter.thread;
  if (!thread.awaits.empty()) return CreditIdleToTasks(waiter, part, now_sec);
  if (!thread.placed || !thread.place.profiled) {
    last_shares_.push_back({{}, {}, {}, thread.placed ? thread.place.outside : profile::StringId{}, part});
    return;
  }
  const auto& line = thread.place.line;
  const profile::StackId stack = folder_.StackOfWait(line, thread.reason);
  last_shares_.push_back({line.line, line.frame, stack, {}, part});
  TargetProcess& process = waiter.process->process();
  folder_.AddToTimeline(process.ThreadIdOf(process.ThreadOf(thread.probe.tid())), stack, now_sec);
}

// In equal parts to the tasks of the loop. The timeline shows the line where most of them wait.
void WaitSampler::CreditIdleToTasks(const Waiter& waiter, double whole, double now_sec) {
  const AwaitLine* heaviest = nullptr;
  for (const AwaitLine& await : waiter.thread->awaits) {
    last_shares_.push_back({await.line.line, await.line.frame, {}, {}, whole * await.part});
    for (const auto& [stack, part] : await.stacks) last_shares_.push_back({{}, {}, stack, {}, whole * part});
    if (heaviest == nullptr || await.part > heaviest->part) heaviest = &await;
  }
  TargetProcess& process = waiter.process->process();
  const uint64_t thread_id = process.ThreadIdOf(process.ThreadOf(waiter.thread->probe.tid()));
  if (!heaviest->stacks.empty()) folder_.AddToTimeline(thread_id, heaviest->stacks.front().first, now_sec);
}

void WaitSampler::Close(TargetProcess& process) {
  const auto found = processes_.find(&process);
  if (found == processes_.end()) return;
  if (&process == root_ && process.end_ns() != 0) {
    double sec = std::max(0.0, process.end_sec() - last_look_sec_);
    if (StoodStill(sec)) sec = 0;
    const uint64_t seen = found->second->cpu_clock_ns();
    const double cpu_sec = static_cast<double>(std::max(seen, CpuClockOf(process.pid()).value_or(seen)) - seen) * 1e-9;
    const double busy_sec = cpu_sec + found->second->DelaySinceLook();
    held_sec_ += idle_.Add({sec, busy_sec, cpu_sec, 0});
    CreditIdle(process.end_sec());
    root_ = nullptr;
  }
  clock_of_pid_[process.pid()] = found->second->cpu_clock_ns();
  found->second->Finish(folder_, counts_);
  losses_.Add(found->second->losses());
  refused_ |=
      found->second->refused() && !process.left_image();  // of another program it was in vain, and not to be told
  processes_.erase(found);
}

bool WaitSampler::refused() const {
  return refused_ ||
         std::any_of(processes_.begin(), processes_.end(), [](const auto& p) { return p.second->refused(); });
}

void WaitSampler::AddLosses(profile::Losses& losses) const {
  WaitingProcess::Losses all = losses_;
  for (const auto& [key, process] : processes_) all.Add(process->losses());
  const auto add = [&losses](const char* counter, int64_t count) {
    if (count != 0) losses["waits"][counter] += count;
  };
  add("rejected", all.rejected);
  add("task_reads_missed", all.task_reads_missed);
  add("unknown_gil_holders", all.unknown_gil_holders);
  add("unknown_lock_holders", all.unknown_lock_holders);
  add("unplaced", all.unplaced);
  add("unseen_ms", static_cast<int64_t>(1e3 * unseen_sec_));
  add("clock_steps_back", clock_steps_back_);
  add("late_ms", static_cast<int64_t>(1e3 * late_sec_));
}

}  // namespace scalene::collector
