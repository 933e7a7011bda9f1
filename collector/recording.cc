#include "collector/recording.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "collector/cpus.h"
#include "collector/notices.h"
#include "profile/format.h"
#include "wire/handshake.h"

namespace scalene::collector {
namespace {

// 50 ms: 100 samples/s of 500 bytes on 64 CPUs are 160 KB, a sixth of a ring; and a process that ends between two ticks
// is noticed by its pidfd at once.
constexpr long kTickNs = 50'000'000;

double NowSec() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

int64_t RealtimeNs() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

constexpr char kNoOutsideReading[] =
    "The memory of a process could not be read from outside: its waits are known by the clocks alone, without lines.";

std::string NobodyLooked(double sec) {
  return "For " + profile::FormatSeconds(sec) +
         " nobody looked at the program, because the profiler or the whole machine stood still: what it waited for "
         "then is not "
         "known.";
}

std::string Hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string AddressText(const std::string& name, const RecordingOptions& options) {
  const uint32_t flags = (options.start_enabled ? uint32_t{wire::kStartEnabled} : 0) |
                         (options.follow_children ? uint32_t{wire::kFollowChildren} : 0) |
                         (options.launch.sanitizer.empty() ? 0 : uint32_t{wire::kBehindSanitizer});
  const auto interval_ns = static_cast<uint64_t>(std::max(1.0, options.interval_sec * 1e9));
  return name + ":" + Hex(static_cast<uint64_t>(getpid())) + ":" + Hex(interval_ns) + ":" + Hex(flags) + ":" +
         Hex(options.memory_window);
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// Whether a shell watches: our group is the foreground of a terminal.
bool InForeground() {
  const UniqueFd terminal(open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY));
  return terminal.valid() && tcgetpgrp(terminal.get()) == getpgrp();
}

// Stops as the program did, so that the shell sees a stopped job and says why. Without a shell nobody would continue us.
void StopLike(int signal_number) {
  if (!InForeground()) return;
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal_number);
  sigset_t before;
  raise(signal_number);
  sigprocmask(SIG_UNBLOCK, &only, &before);  // stops here
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

void ReadAway(int descriptor) {
  uint64_t expirations = 0;
  while (read(descriptor, &expirations, sizeof expirations) == static_cast<ssize_t>(sizeof expirations)) {
  }
}

}  // namespace

Result<std::unique_ptr<Recording>> Recording::Open(RecordingOptions options) {
  std::unique_ptr<Recording> recording(new Recording(std::move(options)));
  if (const Status status = recording->OpenDescriptors(); !status.ok()) return status;
  if (const Status status = recording->OpenCapture(); !status.ok()) return status;
  return recording;
}

Recording::Recording(RecordingOptions options)
    : options_(std::move(options)),
      folder_(options_.filter, options_.keep_stacks),
      memory_(folder_, options_.memory_window),
      cpus_usable_(CpusUsable()),
      waits_(folder_, counts_, options_.read_tasks) {}

Recording::~Recording() {
  for (const auto& process : processes_) {
    if (!process->ended()) process->SayGoodbye();
  }
}

Status Recording::OpenDescriptors() {
  auto receiver = Receiver::Listen();
  if (!receiver.ok()) return receiver.status();
  receiver_ = std::make_unique<Receiver>(std::move(receiver).value());
  auto relay = SignalRelay::Open();
  if (!relay.ok()) return relay.status();
  relay_ = std::make_unique<SignalRelay>(std::move(relay).value());
  epoll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  ticker_ = UniqueFd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!epoll_.valid() || !ticker_.valid())
    return Status::Error(std::string("cannot wait for events: ") + std::strerror(errno));
  itimerspec tick{{0, kTickNs}, {0, kTickNs}};
  timerfd_settime(ticker_.get(), 0, &tick, nullptr);
  Watch(receiver_->descriptor(), EPOLLET);  // what cannot be accepted for want of descriptors waits for the next tick
  Watch(relay_->descriptor());
  Watch(ticker_.get());
  if (!options_.look_at_waits) return {};
  wait_timer_ = UniqueFd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  Watch(wait_timer_.get());
  return {};
}

Status Recording::OpenCapture() {
  if (options_.capture_path.empty()) return {};
  auto writer = CaptureWriter::Create(options_.capture_path, options_.launch.argv, options_.interval_sec);
  if (!writer.ok()) return writer.status();
  capture_ = std::move(writer).value();
  return {};
}

void Recording::Watch(int descriptor, uint32_t how) {
  epoll_event event{};
  event.events = EPOLLIN | how;
  event.data.fd = descriptor;
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
}

Launched Recording::Start() {
  options_.launch.collector_address = AddressText(receiver_->name(), options_);
  launched_sec_ = NowSec();
  switched_at_ns_ = RealtimeNs();
  const Launched launched = Launch(options_.launch);
  program_ = launched.pid;
  relay_->WatchGroup();
  RaiseDescriptorLimit();  // only now: the program would inherit it
  SetWaitTimer();
  return launched;
}

ProgramEnd Recording::RunToEnd(const std::function<void()>& on_interval) {
  ProgramEnd end;
  double next_write = options_.write_interval_sec > 0 ? NowSec() + options_.write_interval_sec : 0;
  for (;;) {
    epoll_event events[16];
    const int ready = epoll_wait(epoll_.get(), events, 16, -1);
    if (ready < 0 && errno != EINTR) break;
    if (std::any_of(events, events + std::max(0, ready), [this](auto& e) { return e.data.fd == wait_timer_.get(); })) {
      LookAtWaits();
      if (ready == 1) continue;
    }
    ReadAway(ticker_.get());
    const bool child_changed = relay_->Relay(program_);
    const std::vector<SwitchCall> calls = TakeMessages();
    DrainAll();
    for (const SwitchCall& call : calls) Answer(call, on_interval);
    FinishEnded();
    if (options_.follow_children) unprofiled_.Look(LivingProcesses(), NowSec());
    if (child_changed && ProgramHasEnded(&end)) break;
    if (next_write > 0 && NowSec() >= next_write) {
      on_interval();
      next_write = NowSec() + options_.write_interval_sec;
    }
  }
  ended_sec_ = NowSec();
  TakeMessages();  // who calls now is told by the end of the connection
  DrainAll();
  FinishEnded();
  return end;
}

std::vector<SwitchCall> Recording::TakeMessages() {
  Messages messages = receiver_->Receive();
  for (Introduction& introduction : messages.introductions) {
    unprofiled_.Forget(introduction.pid);
    Adopt(std::move(introduction));
  }
  return std::move(messages.calls);
}

// Switches the whole tree; what is suspended is also written, for whoever wants to look at it now.
void Recording::Answer(const SwitchCall& call, const std::function<void()>& write_profile) {
  if (call.verb != wire::SwitchVerb::kStatus) SwitchAll(call.verb == wire::SwitchVerb::kOn);
  if (call.verb == wire::SwitchVerb::kOff) write_profile();
  const wire::SwitchReply reply = SwitchState();
  send(call.connection.get(), &reply, sizeof reply, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Recording::SwitchAll(bool on) {
  for (const auto& process : processes_) {
    if (process->Switch(on)) switched_at_ns_ = RealtimeNs();
  }
  switched_ = on;
}

wire::SwitchReply Recording::SwitchState() const {
  wire::SwitchReply reply{wire::kSwitchMagic, 0, 0, 0, 0, switched_at_ns_};
  bool any_on = false;
  profile::Losses losses;
  for (const auto& process : processes_) {
    reply.samples += process->samples();
    process->AddLosses(losses);
    if (process->ended()) continue;
    reply.processes++;
    any_on |= process->on();
  }
  reply.on = reply.processes > 0 ? any_on : switched_.value_or(options_.start_enabled);
  reply.lost = losses["transport"]["ring_full"] + losses["capture"]["in_hook"];
  return reply;
}

void Recording::Adopt(Introduction introduction) {
  auto ring = SharedRing::Adopt(std::move(introduction.memfd));
  if (!ring.ok()) return;
  bool known = false;
  for (const auto& process : processes_) {
    if (process->pid() != introduction.pid) continue;
    known = true;
    if (!process->ended()) FinishProcess(*process);  // an exec: a new image
  }
  const auto role = introduction.pid != program_ ? ProcessRole::kChild
                    : known                      ? ProcessRole::kRootsNextImage
                                                 : ProcessRole::kRoot;
  processes_.push_back(std::make_unique<TargetProcess>(introduction.pid, std::move(ring).value(), role, symbolizer_,
                                                       memory_, [this](pid_t pid) { return ProcessOf(pid); }));
  if (switched_) processes_.back()->Switch(*switched_);
  if (capture_) processes_.back()->KeepRecordsIn(*capture_, static_cast<uint32_t>(processes_.size() - 1));
  if (processes_.back()->pidfd() >= 0) Watch(processes_.back()->pidfd());
}

const TargetProcess* Recording::ProcessOf(pid_t pid) const {
  for (auto process = processes_.rbegin(); process != processes_.rend(); ++process) {
    if ((*process)->pid() == pid && (*process)->is_python()) return process->get();
  }
  return Root();  // the parent is gone or was never sampled; forks run the same image mostly
}

std::vector<pid_t> Recording::LivingProcesses() const {
  std::vector<pid_t> pids;
  for (const auto& process : processes_) {
    if (!process->ended()) pids.push_back(process->pid());
  }
  return pids;
}

void Recording::DrainAll() {
  for (const auto& process : processes_) process->Drain(folder_, cpus_usable_);
  if (capture_) capture_->FlushIfDue();
}

void Recording::SetWaitTimer() {
  if (!wait_timer_.valid()) return;
  itimerspec next{{0, 0}, {0, 0}};
  const long gap_ns = waits_.NextGapNs();
  next.it_value = {gap_ns / 1'000'000'000, gap_ns % 1'000'000'000};
  timerfd_settime(wait_timer_.get(), 0, &next, nullptr);
}

void Recording::LookAtWaits() {
  ReadAway(wait_timer_.get());
  for (const auto& process : processes_) {  // a program may begin with a wait
    if (!process->is_python()) process->Drain(folder_, cpus_usable_);
  }
  waits_.Look(processes_);
  SetWaitTimer();
}

void Recording::FinishEnded() {
  for (const auto& process : processes_) {
    if (!process->ended() && process->HasEnded()) FinishProcess(*process);
  }
  ForgetOldest();
}

// Runs of days start any number of children: the rows of the first ones stay, later ones leave their sums only.
void Recording::ForgetOldest() {
  constexpr size_t kMostKept = 10'000;
  if (processes_.size() < 2 * kMostKept) return;
  const auto first_to_go = processes_.begin() + kMostKept;
  for (auto process = first_to_go; process != processes_.end(); ++process) {
    if (!(*process)->ended()) continue;
    forgotten_.cpu_sec += (*process)->CpuSec();
    forgotten_.lost_sec += (*process)->LostSec();
    (*process)->AddLosses(forgotten_.losses);
  }
  processes_.erase(std::remove_if(first_to_go, processes_.end(), [](const auto& process) { return process->ended(); }),
                   processes_.end());
}

void Recording::FinishProcess(TargetProcess& process) {
  process.Finish(folder_, cpus_usable_);
  waits_.Close(process);
  process.SettleInto(counts_, folder_);
  if (process.left_image()) left_images_.push_back(process.pid());
}

// Whether the program has ended; when it has only stopped or gone on, does the same.
bool Recording::ProgramHasEnded(ProgramEnd* end) {
  for (;;) {
    siginfo_t info{};
    rusage usage{};  // with what its own children used
    constexpr int kChanges = WEXITED | WSTOPPED | WCONTINUED | WNOHANG;
    if (syscall(SYS_waitid, P_PID, program_, &info, kChanges, &usage) != 0 || info.si_pid == 0) return false;
    program_cpu_sec_ = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
    switch (info.si_code) {
      case CLD_EXITED:
        end->status = info.si_status;
        return true;
      case CLD_KILLED:
      case CLD_DUMPED:
        end->signal = info.si_status;
        return true;
      case CLD_STOPPED:
        StopLike(info.si_status);
        break;  // continued, we look again
      default:
        break;
    }
  }
}

const TargetProcess* Recording::Root() const {
  for (const auto& process : processes_) {
    if (process->is_root() && process->is_python()) return process.get();
  }
  return nullptr;
}

profile::RecordedRun Recording::Take() {
  for (const auto& process : processes_) {
    if (!process->ended()) process->SettleInto(counts_, folder_);
  }
  folder_.SettleTimeline();
  profile::RecordedRun run;
  run.strings = &folder_.strings();
  run.frames = &folder_.frames();
  run.stacks = &folder_.stacks();
  run.timeline = &folder_.timeline();
  run.marked = &folder_.marked();
  run.counts = counts_;
  run.memory = &memory_.counts();
  run.program_pid = program_;
  run.interval_sec = options_.interval_sec;
  run.cpus_usable = cpus_usable_;
  const double now = ended_sec_ > 0 ? ended_sec_ : NowSec();
  run.elapsed_sec = now - launched_sec_;
  run.start_monotonic_sec = launched_sec_;
  if (const TargetProcess* root = Root()) DescribeRoot(*root, now, run);
  DescribeProcesses(run);
  return run;
}

void Recording::DescribeRoot(const TargetProcess& root, double now, profile::RecordedRun& run) const {
  const wire::ProcessStartRecord& start = *root.start();
  run.recorded = true;
  run.environment = root.environment();
  run.start_monotonic_sec = static_cast<double>(start.time_ns) * 1e-9;
  run.start_absolute_sec = static_cast<double>(start.realtime_ns) * 1e-9;
  double end = now;
  for (const auto& process : processes_) {
    if (!process->is_root() || process->end_sec() <= 0) continue;
    end = process->left_image() ? now : process->end_sec();  // of its last image
  }
  double suspended_sec = 0;
  for (const auto& process : processes_) {
    if (process->is_root()) suspended_sec += process->SuspendedSec(process->ended() ? process->end_sec() : end);
  }
  run.elapsed_sec = std::max(0.0, end - run.start_monotonic_sec - suspended_sec);
  run.main_thread_id = start.main_ident;
}

// The program that never introduced itself: no Python, or dead before its interpreter was up.
profile::ProcessRow Recording::UnprofiledRoot() const {
  profile::ProcessRow row;
  row.pid = program_;
  row.ppid = getpid();
  row.how = "root";
  row.argv = options_.launch.argv;
  row.profiled = false;
  row.cpu_sec = program_cpu_sec_;
  return row;
}

void Recording::DescribeProcesses(profile::RecordedRun& run) const {
  constexpr size_t kMostListed = 10'000;
  run.cpu_sec = forgotten_.cpu_sec;
  run.lost_sec = forgotten_.lost_sec;
  run.losses = forgotten_.losses;
  const bool root_spoke = std::any_of(processes_.begin(), processes_.end(), [](const auto& p) { return p->is_root(); });
  if (!root_spoke) run.processes.push_back(UnprofiledRoot());
  for (const auto& process : processes_) {
    if (run.processes.size() < kMostListed) run.processes.push_back(process->Row(run.start_monotonic_sec));
    if (run.threads.size() < kMostListed) process->AppendThreads(run.start_monotonic_sec, run.threads);
    run.cpu_sec += process->CpuSec();
    run.lost_sec += process->LostSec();
    process->AddLosses(run.losses);
    for (const auto& notice : process->notices()) AddWarning(SentenceFor(notice, process->pid()), run.warnings);
  }
  for (const pid_t pid : left_images_) {
    profile::ProcessRow row;  // what came after the exec
    row.pid = pid;
    row.how = "exec";
    row.profiled = false;
    run.processes.push_back(row);
  }
  unprofiled_.AppendRows(run.start_monotonic_sec, run.processes);
  const auto add = [&run](const char* stage, const char* counter, int64_t count) {
    if (count != 0) run.losses[stage][counter] += count;
  };
  add("resolve", "unknown_code", folder_.unknown_codes());
  add("fold", "stacks_evicted", static_cast<int64_t>(folder_.stacks().folded()));
  waits_.AddLosses(run.losses);
  if (waits_.refused()) AddWarning(kNoOutsideReading, run.warnings);
  if (waits_.unseen_sec() > 0) AddWarning(NobodyLooked(waits_.unseen_sec()), run.warnings);
  add("fold", "timeline_halved", folder_.timeline().halved());
}

}  // namespace scalene::collector
