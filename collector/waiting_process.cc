#include "collector/waiting_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>

#include "collector/proc_files.h"
#include "collector/wait_reasons.h"

namespace scalene::collector {
namespace {

using profile::WaitReason;

constexpr double kNs = 1e-9;
constexpr double kFreshSec = 0.1;  // 50 ms, and the 50 ms that a sample may lie in the ring
constexpr double kGilAgainSec = 2;
constexpr uint64_t kUnsureNs =
    15'000'000;  // of CPU time without a record: more than between two samples at the usual rate
constexpr double kStatesPauseSec = 0.2;
constexpr double kTasksHoldSec = 1;
constexpr double kTasksCostFactor = 25;  // 4 % of a CPU
constexpr double kNamesDelaySec = 0.03;
constexpr double kNamesPauseSec = 1;

int64_t ThreadCpuNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

WaitingProcess::WaitingProcess(TargetProcess& process, uint64_t cpu_clock_ns, bool read_tasks)
    : process_(process),
      tasks_(open(("/proc/" + std::to_string(process.pid()) + "/task").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      read_tasks_(read_tasks),
      cpu_clock_ns_(cpu_clock_ns) {}

WaitingThread* WaitingProcess::MainThread() {
  const auto found = threads_.find(process_.pid());
  return found == threads_.end() ? nullptr : &found->second;
}

// The number of links of the folder is the number of threads and two.
void WaitingProcess::ListThreads(SampleFolder& folder) {
  struct stat listing {};
  if (!tasks_.valid() || fstat(tasks_.get(), &listing) != 0 || listing.st_nlink == thread_count_) return;
  thread_count_ = listing.st_nlink;
  DIR* entries = fdopendir(dup(tasks_.get()));
  if (entries == nullptr) return;
  rewinddir(entries);
  std::set<pid_t> alive;
  while (const dirent* entry = readdir(entries)) {
    if (const pid_t tid = std::atoi(entry->d_name); tid > 0) alive.insert(tid);
  }
  closedir(entries);
  for (auto thread = threads_.begin(); thread != threads_.end();) {
    if (alive.contains(thread->first)) {
      ++thread;
      continue;
    }
    if (thread->second.unsure_delay_sec > 0) CreditSureDelay(thread->second, folder);
    CreditUnseen(thread->second, last_look_sec_, folder);
    thread = threads_.erase(thread);
  }
  for (const pid_t tid : alive) {
    if (!threads_.try_emplace(tid, process_.pid(), tid).second) continue;
    states_stale_ = true;
    names_delay_sec_ = kNamesDelaySec;
    names_due_sec_ = std::min(names_due_sec_, last_look_sec_ + kNamesDelaySec);
  }
}

RemoteInterpreter* WaitingProcess::Interpreter() {
  if (!interpreter_ && !refused_) {
    interpreter_ = RemoteInterpreter::Open(process_.pid(), *process_.start());
    refused_ = !interpreter_;
    if (refused_) process_.SuspectExec();
  }
  return interpreter_.get();
}

// 0: a thread without Python, as far as known.
uint64_t WaitingProcess::StateOfThread(pid_t tid, double now_sec) {
  auto found = thread_states_.find(tid);
  const bool outdated = now_sec - states_read_sec_ > kStatesPauseSec;
  if (found == thread_states_.end() && (states_stale_ || outdated)) {
    thread_states_ = Interpreter()->ThreadStates();
    states_read_sec_ = now_sec;
    states_stale_ = false;
    found = thread_states_.find(tid);
  }
  return found == thread_states_.end() ? 0 : found->second;
}

// Some time after threads have come, since they are named after their start, sooner again while some have no name (on a busy
// machine a thread takes long to start), and now and then, since names change.
void WaitingProcess::ReadNames(double now_sec) {
  if (names_due_sec_ == 0) names_due_sec_ = now_sec + kNamesDelaySec;
  if (now_sec < names_due_sec_ || Interpreter() == nullptr) return;
  const auto names = interpreter_->ThreadNames();
  for (const auto& [tid, name] : names) {
    if (threads_.contains(tid) && !name.empty()) process_.ThreadOf(tid).name = name;
  }
  const double pause_sec = kNamesPauseSec + kNamesPauseSec * static_cast<double>(threads_.size()) / 100;
  names_delay_sec_ = names.size() < threads_.size() ? std::min(2 * names_delay_sec_, pause_sec) : pause_sec;
  names_due_sec_ = now_sec + names_delay_sec_;
}

bool WaitingProcess::IsStopped() {
  if (!stopped_) {
    WaitingThread* main = MainThread();
    const char state = main == nullptr ? 0 : main->probe.ReadState();
    stopped_ = state == 'T' || state == 't';
  }
  return *stopped_;
}

WaitingProcess::Look WaitingProcess::LookAt(double sec, double now_sec, SampleFolder& folder,
                                            profile::FoldedCounts& counts) {
  counts_ = &counts;
  stopped_.reset();
  Look look;
  if (const auto clock = CpuClockOf(process_.pid())) {
    if (*clock > cpu_clock_ns_) look.cpu_sec = static_cast<double>(*clock - cpu_clock_ns_) * kNs;
    cpu_clock_ns_ = std::max(cpu_clock_ns_, *clock);
  }
  last_look_sec_ = now_sec;
  ListThreads(folder);
  any_moved_ = false;
  python_threads_ = std::count_if(threads_.begin(), threads_.end(), [](const auto& t) { return t.second.has_python; });
  for (auto& [tid, thread] : threads_) LookAtThread(thread, sec, now_sec, folder, look);
  looked_ = true;
  LookAtGil(sec, now_sec, folder);
  LookAtLocks(now_sec, folder);
  ReadNames(now_sec);
  WaitingThread* main = MainThread();
  look.stopped = main != nullptr && main->state == WaitingThread::State::kStopped;
  return look;
}

double WaitingProcess::IdleOf(double sec, const Look& look) {
  if (look.stopped) return 0;
  const double idle = idle_.Add({sec, look.cpu_sec + look.delay_sec + look.stolen_sec, look.longest_sec, look.busy});
  process_.AddIdle(idle);
  return idle;
}

void WaitingProcess::LookAtThread(WaitingThread& thread, double sec, double now_sec, SampleFolder& folder, Look& look) {
  const auto stat = thread.probe.ReadSchedStat();
  if (!stat) {
    thread_count_ = 0;  // gone: list anew
    return;
  }
  const bool moved = !(*stat == thread.counted);
  const bool was_running = thread.state == WaitingThread::State::kRunning && !thread.is_new;
  const bool same_slice = stat->slices == thread.counted.slices;
  double waited_sec = sec;
  if (thread.is_new) {
    thread.is_new = false;
    const bool from_start = thread.probe.tid() == process_.pid() && !looked_;
    const uint64_t before_ns = process_.is_root() ? std::min(process_.delay_before_ns(), stat->delay_ns) : 0;
    const double delay_sec = static_cast<double>(stat->delay_ns - before_ns) * kNs;  // some of it before the start
    waited_sec = from_start ? std::max(0.0, sec - look.cpu_sec - delay_sec) : 0;
    if (from_start) {
      look.delay_sec = std::clamp(sec - look.cpu_sec, 0.0, delay_sec);
      CreditRunnable(thread, look.delay_sec, folder);
    }
    thread.blocked_at_sec = thread.first_seen_sec = now_sec;
    if (!from_start) thread.unseen_from_sec = now_sec - sec;
    thread.unseen_busy_sec = static_cast<double>(stat->cpu_ns + stat->delay_ns) * kNs;
  } else if (moved) {
    const double delay_sec = static_cast<double>(stat->delay_ns - thread.counted.delay_ns) * kNs;
    const double told_late_sec = std::min(thread.stolen_sec, delay_sec);
    const double busy_sec = static_cast<double>(stat->cpu_ns - thread.counted.cpu_ns) * kNs + delay_sec - told_late_sec;
    waited_sec -= busy_sec;
    look.delay_sec += delay_sec - told_late_sec;
    look.longest_sec = std::max(look.longest_sec, busy_sec);
    if (delay_sec > 0) CreditRunnable(thread, delay_sec, folder);
  }
  if (!same_slice) thread.stolen_sec = 0;
  thread.counted = *stat;
  if (!moved && thread.settled && !thread.awaits.empty()) thread.awaits_at_sec = now_sec;
  const bool changed = moved || !thread.settled || HasWoken(thread);
  any_moved_ |= changed;
  const bool was_blocked = thread.state == WaitingThread::State::kBlocked, was_placed = thread.placed;
  if (changed) Examine(thread, now_sec, folder);
  if (thread.state == WaitingThread::State::kRunning) ++look.busy;
  if (RanThroughout(thread, was_running, same_slice)) {
    look.stolen_sec += waited_sec;
    thread.stolen_sec = std::max(0.0, thread.stolen_sec + waited_sec);
    waited_sec = 0;
  }
  CreditLoopLag(thread, sec, now_sec, folder);
  // What a thread seems to have waited while it ran comes from its clock, which moves in steps: it evens out.
  thread.unplaced_sec += waited_sec + WaitedUnseen(thread);
  if (thread.state == WaitingThread::State::kRunning) {
    if (was_blocked) CreditRest(thread, was_placed);
    return CreditShortWaits(thread, now_sec, folder);
  }
  thread.blocked_at_sec = now_sec;
  thread.looks_running = 0;
  NoteDriver(thread, now_sec);
  if (thread.tasks_unread && thread.unplaced_sec < kTasksHoldSec) return;
  if (thread.unplaced_sec > 0) Credit(thread, now_sec, *counts_);
}

void WaitingProcess::CreditShortWaits(WaitingThread& thread, double now_sec, SampleFolder& folder) {
  const bool long_ago = now_sec - thread.blocked_at_sec >= kShortWaitsSec;
  if (++thread.looks_running >= kShortWaitsLooks && long_ago) CreditUnseen(thread, now_sec, folder);
}

// It waited at the look before and runs now: what it waited since belongs to that wait.
void WaitingProcess::CreditRest(WaitingThread& thread, bool was_placed) {
  if (thread.unplaced_sec <= 0) return;
  thread.placed = was_placed;
  Credit(thread, thread.blocked_at_sec, *counts_);
  thread.placed = false;
}

// Waits of a thread that no look has found waiting since.
void WaitingProcess::CreditUnseen(WaitingThread& thread, double now_sec, SampleFolder& folder) {
  if (thread.unplaced_sec <= 0) return;
  // Who has had to wait for the GIL of late has had to again.
  const bool again = thread.reason == WaitReason::kGil && now_sec - thread.blocked_at_sec < kGilAgainSec;
  if (!again) thread.reason = WaitReason::kOther;
  thread.awaits.clear();
  PutOnRecentLine(thread, now_sec, folder);
  Credit(thread, now_sec, *counts_);
  thread.placed = false;
}

// A thread born since the look before it was first seen has waited meanwhile, too. Its birth is told by a record, which may
// come later than the first look.
double WaitingProcess::WaitedUnseen(WaitingThread& thread) {
  if (thread.unseen_from_sec == 0) return 0;
  const double born_sec = static_cast<double>(process_.ThreadOf(thread.probe.tid()).start_ns) * kNs;
  const bool told = born_sec >= thread.unseen_from_sec;  // otherwise, until now, of an earlier thread of this number
  if (told || last_look_sec_ - thread.first_seen_sec > kFreshSec) thread.unseen_from_sec = 0;
  return told ? std::max(0.0, thread.first_seen_sec - born_sec - thread.unseen_busy_sec) : 0;
}

// Whether it has not waited since the last look, whatever its clocks say.
bool WaitingProcess::RanThroughout(WaitingThread& thread, bool was_running, bool same_slice) {
  const uint64_t before = thread.switches;
  thread.switches = 0;
  if (thread.state != WaitingThread::State::kRunning) return false;
  if (was_running && same_slice) {
    thread.switches = before;
    return true;
  }
  thread.switches = thread.probe.ReadVoluntarySwitches();
  return was_running && before != 0 && thread.switches == before;
}

// It waits for a CPU now, which schedstat says only when it has got one. So much is asked of a few threads only.
bool WaitingProcess::HasWoken(WaitingThread& thread) {
  constexpr size_t kFewThreads = 16;
  const bool asked = threads_.size() <= kFewThreads || thread.probe.tid() == process_.pid();
  return asked && thread.probe.ReadCall().state == BlockedCall::State::kRunning;
}

// Which call it is blocked in, and where in Python. Two tries: it may wake and block again meanwhile.
void WaitingProcess::Examine(WaitingThread& thread, double now_sec, SampleFolder& folder) {
  thread.settled = thread.placed = thread.tasks_unread = false;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (Accept(thread, now_sec, folder)) return;
    if (thread.state == WaitingThread::State::kRunning) return;
    ++losses_.rejected;
  }
  PutOnRecentLine(thread, now_sec, folder);
}

// False: it runs, or it moved while we read.
bool WaitingProcess::Accept(WaitingThread& thread, double now_sec, SampleFolder& folder) {
  const auto before = thread.probe.ReadSchedStat();
  const BlockedCall call = thread.probe.ReadCall();
  // Where the call may not be read, the kernel's own state says at least whether it runs.
  const bool unreadable = call.state == BlockedCall::State::kUnreadable;
  refused_ |= thread.probe.forbidden();
  if (call.state == BlockedCall::State::kRunning || !before || (unreadable && thread.probe.ReadState() == 'R')) {
    thread.state = WaitingThread::State::kRunning;
    return false;
  }
  thread.state = IsStopped() ? WaitingThread::State::kStopped : WaitingThread::State::kBlocked;
  RemoteInterpreter* interpreter = call.state == BlockedCall::State::kBlocked ? Interpreter() : nullptr;
  const uint64_t tstate = interpreter == nullptr ? 0 : StateOfThread(thread.probe.tid(), now_sec);
  const auto reason_of_futex = [&](uint64_t futex) {
    if (tstate != 0 && interpreter->IsGil(tstate, futex)) return WaitReason::kGil;
    return tstate != 0 && interpreter->IsSuspended(tstate, futex) ? WaitReason::kStopTheWorld : WaitReason::kLock;
  };
  thread.reason = call.state == BlockedCall::State::kBlocked ? ReasonOf(call, reason_of_futex) : WaitReason::kOther;
  if (thread.state == WaitingThread::State::kStopped) thread.reason = WaitReason::kStopped;
  thread.awaited_child = AwaitedChild(call);
  frames_.clear();
  if (tstate != 0 && !interpreter->ReadFrames(thread.probe.tid(), tstate, process_.codes(), frames_)) {
    refused_ |= interpreter->memory().refused();
    states_stale_ = true;
    return false;
  }
  thread.lock_holder = 0;
  thread.lock_looked_at = false;
  thread.lock = tstate != 0 && thread.reason == WaitReason::kLock && AwaitedFutex(call) != 0
                    ? Locks().AwaitedLock(tstate, AwaitedFutex(call))
                    : 0;
  SuspendedTasks tasks;
  const bool in_loop = tstate != 0 && read_tasks_ && InPollOfLoop(thread);
  const bool must_wait = in_loop && now_sec < tasks_due_sec_;  // others were read just now: these another time
  const bool tasks_read = in_loop && !must_wait && ReadTasks(tstate, now_sec, tasks);
  const bool stood_still = unreadable || thread.probe.ReadCall() == call;
  const auto after = thread.probe.ReadSchedStat();
  if (!stood_still || !after || !(*after == *before)) {
    losses_.task_reads_missed += tasks_read;
    // In no call and moving: on its way into the kernel or out of it.
    if (call.state == BlockedCall::State::kBlocked && call.number < 0) thread.state = WaitingThread::State::kRunning;
    return false;
  }
  thread.settled = *after == thread.counted && !must_wait;
  thread.tasks_unread = must_wait && thread.awaits.empty();
  if (tasks_read) NoteAwaits(thread, tasks, now_sec, folder);
  if (tasks_read) thread.kept_waiting = thread.awaits;
  const bool outdated = now_sec - thread.awaits_at_sec > kTasksHoldSec;
  if (!in_loop || outdated) thread.awaits.clear();
  if (outdated) thread.kept_waiting.clear();
  if (!frames_.empty()) {
    ThreadTimes& times = process_.ThreadOf(thread.probe.tid());
    times.has_python = thread.has_python = true;
    ProcessContext context = process_.ContextOf(times);
    thread.place = folder.Find(context, frames_);
    thread.placed = true;
  } else if (unreadable) {
    PutOnRecentLine(thread, now_sec, folder);
  }
  return true;
}

// Who waits for a futex that is no lock of Python's waits in C, for threads of C if it is the only one of Python. Who sleeps
// or reads drives nobody.
void WaitingProcess::NoteDriver(const WaitingThread& thread, double now_sec) {
  if (python_threads_ != 1 || !thread.has_python || !thread.placed) return;
  const bool futex = thread.reason == WaitReason::kLock;
  if (futex && thread.lock == 0 && thread.place.profiled) return process_.NoteWait(now_sec, thread.place.line);
  if (!futex && thread.reason != WaitReason::kOther) process_.NoteWait(now_sec, std::nullopt);
}

// In a wait for descriptors with no coroutine running: those are frames of the thread like any others.
bool WaitingProcess::InPollOfLoop(const WaitingThread& thread) const {
  constexpr uint32_t kCoroutine = 0x80, kAsyncGenerator = 0x200;  // of co_flags
  if (thread.reason != WaitReason::kPoll) return false;
  return std::none_of(frames_.begin(), frames_.end(), [this](const wire::FrameEntry& frame) {
    const CodeObject* code = process_.codes().Find(frame.code, frame.fingerprint);
    return code != nullptr && (code->flags & (kCoroutine | kAsyncGenerator)) != 0;
  });
}

bool WaitingProcess::ReadTasks(uint64_t tstate, double now_sec, SuspendedTasks& tasks) {
  const int64_t begun = ThreadCpuNs();
  if (!task_reader_) task_reader_ = std::make_unique<RemoteTasks>(*interpreter_, process_.pid());
  const uint64_t loop = task_reader_->RunningLoop(tstate);
  const bool read = loop != 0 && task_reader_->Read(tstate, loop, process_.codes(), tasks);
  tasks_due_sec_ = now_sec + kTasksCostFactor * static_cast<double>(ThreadCpuNs() - begun) * kNs;
  return read;
}

// Tasks without a profiled line leave their part to the others.
void WaitingProcess::NoteAwaits(WaitingThread& thread, const SuspendedTasks& tasks, double now_sec,
                                SampleFolder& folder) {
  thread.awaits.clear();
  thread.tasks = tasks.count;
  thread.awaits_at_sec = now_sec;
  ProcessContext context = process_.ContextOf(process_.ThreadOf(thread.probe.tid()));
  std::map<std::pair<uint32_t, int>, AwaitLine> lines;
  double placed = 0;
  for (const SuspendedTask& task : tasks.read) {
    const SampleFolder::Standing standing = folder.Find(context, task.frames);
    if (!standing.profiled) continue;
    AwaitLine& await = lines[{standing.line.line.file.value, standing.line.line.line}];
    await.line = standing.line;
    await.tasks += 1;
    const bool named = await.names.size() < profile::AwaitCounts::kMostNames;
    if (named && !task.name.empty()) await.names.insert(task.name);
    await.stacks.emplace_back(folder.StackOfAwait(standing.line, named ? task.name : ""), 1);
    placed += 1;
  }
  const double each = tasks.read.empty() ? 0 : tasks.count / static_cast<double>(tasks.read.size());
  for (auto& [key, await] : lines) {
    await.part = await.tasks / placed;
    await.tasks *= each;
    for (auto& [stack, part] : await.stacks) part /= placed;
    thread.awaits.push_back(std::move(await));
  }
}

// What is true of the moment of its last CPU sample is likely to be true still.
void WaitingProcess::PutOnRecentLine(WaitingThread& thread, double now_sec, SampleFolder& folder) {
  const auto recent = process_.NewestLine(thread.probe.tid(), folder);
  if (now_sec - recent.time_sec > kFreshSec) {
    ++losses_.unplaced;
    return;
  }
  thread.place = {true, recent, {}};
  thread.placed = true;
}

// `moment_sec`: the look that found it waiting.
void WaitingProcess::Credit(WaitingThread& thread, double moment_sec, profile::FoldedCounts& counts) {
  const profile::FoldedWait wait{thread.reason, thread.unplaced_sec};
  thread.unplaced_sec = 0;
  process_.ThreadOf(thread.probe.tid()).waits[wait.reason] += wait.sec;
  counts.AddThreadWait(wait);
  if (wait.reason == WaitReason::kGil) NoteGilWait(thread, wait.sec, moment_sec);
  if (wait.reason == WaitReason::kLock) lock_waits_.push_back({&thread, LineOf(thread), wait.sec, moment_sec});
  for (const AwaitLine& await : thread.awaits) {
    counts.AddWait(await.line.line, await.line.frame, {wait.reason, wait.sec * await.part});
    counts.AddAwait(
        await.line.line, await.line.frame,
        {wait.sec * await.part, wait.sec * await.tasks, wait.sec, wait.sec * thread.tasks, thread.tasks, await.names});
  }
  const bool alone = thread.awaits.empty() && thread.placed && thread.place.profiled;
  if (alone) counts.AddWait(thread.place.line.line, thread.place.line.frame, wait);
}

// A loop that is not in its poll runs something, which all its suspended tasks have to wait for, ready or not. The task that
// runs was suspended itself when the list was read: where it was the only one of its function, it is left out.
void WaitingProcess::CreditLoopLag(WaitingThread& thread, double sec, double now_sec, SampleFolder& folder) {
  const bool runs = thread.state == WaitingThread::State::kRunning;
  const bool blocked = thread.state == WaitingThread::State::kBlocked && thread.placed && thread.place.profiled;
  const bool in_poll = blocked && (thread.reason == WaitReason::kPoll || !thread.awaits.empty());
  if (in_poll || thread.kept_waiting.empty() || !(runs || blocked)) return;
  if (runs && now_sec - thread.awaits_at_sec > kTasksHoldSec) return;
  const auto line = blocked ? thread.place.line : process_.NewestLine(thread.probe.tid(), folder);
  if (!blocked && now_sec - line.time_sec > kFreshSec) return;
  profile::AwaitCounts lag, block;
  lag.lag_sec = block.block_sec = sec;
  for (const AwaitLine& await : thread.kept_waiting) {
    const bool itself = await.tasks <= 1 && folder.IsOnStack(await.line.frame, line.stack);
    if (!itself) counts_->AddAwait(await.line.line, await.line.frame, lag);
  }
  counts_->AddAwait(line.line, line.frame, block);
}

// The rest of a wait is counted when it is over and the thread has the GIL itself: that was the same holder's still.
void WaitingProcess::NoteGilWait(WaitingThread& thread, double sec, double moment_sec) {
  const auto state = thread_states_.find(thread.probe.tid());
  const uint64_t gil = state == thread_states_.end() || !interpreter_ ? 0 : interpreter_->GilOf(state->second);
  const bool over = moment_sec != last_look_sec_;
  const pid_t holder = gil == 0 || over ? 0 : interpreter_->GilHolder(gil);
  if (holder != 0 && holder != thread.probe.tid()) thread.gil_holder = holder;
  if (thread.gil_holder == 0) {
    ++losses_.unknown_gil_holders;
    return;
  }
  gil_watch_.NoteWait(LineOf(thread), thread.gil_holder, sec, moment_sec);
}

// While no thread moves, nobody takes it or gives it away.
void WaitingProcess::LookAtGil(double sec, double now_sec, SampleFolder& folder) {
  gil_watch_.Settle(process_, now_sec, folder, *counts_);
  const bool stopped = MainThread() != nullptr && MainThread()->state == WaitingThread::State::kStopped;
  if (stopped || process_.start()->free_threaded != 0 || Interpreter() == nullptr) return;
  if (main_gil_ == 0) main_gil_ = interpreter_->MainGil();
  if (main_gil_ == 0) return;
  if (any_moved_) gil_holder_ = interpreter_->GilHolder(main_gil_);
  const bool contended = std::any_of(threads_.begin(), threads_.end(), [](const auto& entry) {
    const WaitingThread& thread = entry.second;
    return thread.state == WaitingThread::State::kBlocked && thread.reason == WaitReason::kGil;
  });
  gil_watch_.NoteLook(gil_holder_, contended, sec, now_sec, *counts_);
  gil_watch_.NoteBlocked(now_sec, [this](pid_t holder) {
    const auto hold = HoldOfBlocked(holder);
    return hold && hold->with_gil ? hold : std::nullopt;
  });
}

std::optional<TargetProcess::Hold> WaitingProcess::HoldOfBlocked(pid_t holder) {
  const auto found = threads_.find(holder);
  if (found == threads_.end()) return std::nullopt;
  WaitingThread& thread = found->second;
  if (thread.state != WaitingThread::State::kBlocked || thread.probe.ReadSchedStat() != thread.counted)
    return std::nullopt;  // it runs by now
  return TargetProcess::Hold{LineOf(thread), true, thread.reason != WaitReason::kGil, last_look_sec_};
}

// Whose owner or whose `with` block says who has them. A thread may have several, and many may wait for one.
void WaitingProcess::LookAtLocks(double now_sec, SampleFolder& folder) {
  lock_watch_.Settle(process_, now_sec, folder, *counts_);
  std::optional<std::map<uint64_t, pid_t>> in_with_blocks;
  if (locks_) interpreter_->memory().Forget();
  for (const LockWait& wait : lock_waits_) {
    WaitingThread& thread = *wait.thread;
    const bool over = wait.moment_sec != now_sec;  // then somebody else's by now
    if (!over && thread.lock != 0 && (any_moved_ || !thread.lock_looked_at)) {
      thread.lock_looked_at = true;
      const auto owner = Locks().Owner(thread.lock);
      if (!owner && !in_with_blocks) in_with_blocks = HeldInWithBlocks();
      thread.lock_holder = owner ? interpreter_->ThreadOf(*owner) : (*in_with_blocks)[thread.lock];
    }
    if (thread.lock_holder == 0 || thread.lock_holder == thread.probe.tid()) {
      ++losses_.unknown_lock_holders;
    } else if (wait.line.line > 0) {
      lock_watch_.NoteWait(wait.line, thread.lock_holder, wait.sec, wait.moment_sec);
    }
  }
  lock_waits_.clear();
  lock_watch_.NoteBlocked(now_sec, [this](pid_t holder) { return HoldOfBlocked(holder); });
}

// What a thread has does not change while it does not run.
std::map<uint64_t, pid_t> WaitingProcess::HeldInWithBlocks() {
  std::map<uint64_t, pid_t> holders;
  for (auto& [tid, thread] : threads_) {
    const auto state = thread_states_.find(tid);
    if (state == thread_states_.end()) continue;
    const bool still = thread.settled && thread.state != WaitingThread::State::kRunning;
    if (!still || !thread.locks_at || !(*thread.locks_at == thread.counted)) {
      thread.locks_held = Locks().HeldLocks(state->second);
      thread.locks_at = still ? std::optional(thread.counted) : std::nullopt;
    }
    for (const uint64_t lock : thread.locks_held) holders.emplace(lock, tid);
  }
  return holders;
}

RemoteLocks& WaitingProcess::Locks() {
  if (!locks_) locks_ = std::make_unique<RemoteLocks>(*interpreter_);
  return *locks_;
}

profile::LineKey WaitingProcess::LineOf(const WaitingThread& thread) {
  return thread.placed && thread.place.profiled ? thread.place.line.line : profile::LineKey{};
}

double WaitingProcess::DelaySinceLook() {
  double sec = 0;
  for (auto& [tid, thread] : threads_) {
    const auto stat = thread.probe.ReadSchedStat();
    if (stat && stat->delay_ns > thread.counted.delay_ns)
      sec += static_cast<double>(stat->delay_ns - thread.counted.delay_ns) * kNs;
  }
  return sec;
}

void WaitingProcess::Finish(SampleFolder& folder, profile::FoldedCounts& counts) {
  counts_ = &counts;
  for (auto& [tid, thread] : threads_) {
    if (thread.unsure_delay_sec > 0 && !process_.left_image()) CreditSureDelay(thread, folder);
  }
  gil_watch_.Settle(process_, std::numeric_limits<double>::infinity(), folder, counts);
  lock_watch_.Settle(process_, std::numeric_limits<double>::infinity(), folder, counts);
}

void WaitingProcess::Losses::Add(const Losses& other) {
  rejected += other.rejected;
  unplaced += other.unplaced;
  task_reads_missed += other.task_reads_missed;
  unknown_gil_holders += other.unknown_gil_holders;
  unknown_lock_holders += other.unknown_lock_holders;
}

WaitingProcess::Losses WaitingProcess::losses() const {
  Losses losses = losses_;
  losses.unknown_gil_holders += gil_watch_.unknown();
  losses.unknown_lock_holders += lock_watch_.unknown();
  return losses;
}

// While its CPU clock runs on and no records come, it may have become a program that is not ours: what it waits is held
// until the next record, or its end.
void WaitingProcess::CreditRunnable(WaitingThread& thread, double delay_sec, SampleFolder& folder) {
  thread.unsure_delay_sec += delay_sec;
  if (cpu_clock_ns_ < process_.cpu_at_record_ns() + kUnsureNs) CreditSureDelay(thread, folder);
}

void WaitingProcess::CreditSureDelay(WaitingThread& thread, SampleFolder& folder) {
  const double delay_sec = std::exchange(thread.unsure_delay_sec, 0);
  const profile::FoldedWait wait{WaitReason::kRunnable, delay_sec};
  process_.ThreadOf(thread.probe.tid()).waits[wait.reason] += wait.sec;
  counts_->AddThreadWait(wait);
  thread.lineless_delay_sec += delay_sec;
  if (process_.held_up()) return;  // where it fell is not known yet
  const auto recent = process_.NewestLine(thread.probe.tid(), folder);
  if (recent.time_sec > 0) counts_->AddWait(recent.line, recent.frame, {wait.reason, thread.lineless_delay_sec});
  thread.lineless_delay_sec = 0;
}

}  // namespace scalene::collector
