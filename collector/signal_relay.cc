#include "collector/signal_relay.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace scalene::collector {
namespace {

constexpr int kRelayed[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGWINCH};

sigset_t RelayedSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kRelayed) sigaddset(&set, signal);
  return set;
}

sigset_t g_mask_at_start;
// Dispositions that we need otherwise than the program: kept to be given back.
struct SavedDisposition {
  int signal;
  void (*ours)(int);
  struct sigaction at_start;
};
SavedDisposition g_dispositions[] = {
    {SIGPIPE, SIG_IGN, {}},
    {SIGXFSZ, SIG_IGN, {}},  // a limit on file sizes makes writing fail instead
    {SIGCHLD, SIG_DFL, {}},  // ignored, it would reap the program before we can ask how it ended
};
// Limits that we raise for ourselves, likewise.
struct SavedLimit {
  __rlimit_resource resource;
  rlimit at_start;
};
SavedLimit g_limits[] = {
    {RLIMIT_NOFILE, {}},  // we hold a descriptor for each process of the run
    {RLIMIT_FSIZE, {}},
};

void RaiseLimits() {
  for (SavedLimit& limit : g_limits) {
    getrlimit(limit.resource, &limit.at_start);
    const rlimit raised{limit.at_start.rlim_max, limit.at_start.rlim_max};
    setrlimit(limit.resource, &raised);
  }
}

void TakeDispositions() {
  for (SavedDisposition& disposition : g_dispositions) {
    sigaction(disposition.signal, nullptr, &disposition.at_start);
    signal(disposition.signal, disposition.ours);
  }
}

// Sent by the kernel: the terminal's foreground group, so the program has it too.
bool FromTerminal(const signalfd_siginfo& info) { return info.ssi_code == SI_KERNEL; }

}  // namespace

Result<SignalRelay> SignalRelay::Open() {
  sigset_t set = RelayedSignals();
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, &g_mask_at_start);
  TakeDispositions();
  RaiseLimits();
  SignalRelay relay;
  relay.descriptor_ = UniqueFd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!relay.descriptor_.valid()) return Status::Error(std::string("cannot watch signals: ") + std::strerror(errno));
  return relay;
}

void SignalRelay::RestoreForProgram() {
  for (const SavedLimit& limit : g_limits) setrlimit(limit.resource, &limit.at_start);
  for (const SavedDisposition& disposition : g_dispositions)
    sigaction(disposition.signal, &disposition.at_start, nullptr);
  sigprocmask(SIG_SETMASK, &g_mask_at_start, nullptr);
}

void SignalRelay::WatchGroup() { witness_ = std::make_unique<GroupWitness>(RelayedSignals()); }

bool SignalRelay::Relay(pid_t program) {
  bool child_changed = false;
  signalfd_siginfo info{};
  while (read(descriptor_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) {
      child_changed = true;
      continue;
    }
    const bool group_got_it = witness_ && witness_->GotToo(signal);  // asked in any case, so that it stays in step
    if (program > 0 && !group_got_it && !FromTerminal(info)) kill(program, signal);
  }
  return child_changed;
}

}  // namespace scalene::collector
