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

sigset_t g_mask_at_start;
rlimit g_files_at_start{};
struct sigaction g_pipe_at_start {}, g_child_at_start{};

// We hold a descriptor for each process of the run.
void RaiseFileLimit() {
  getrlimit(RLIMIT_NOFILE, &g_files_at_start);
  rlimit raised = g_files_at_start;
  raised.rlim_cur = raised.rlim_max;
  setrlimit(RLIMIT_NOFILE, &raised);
}

// Sent by the kernel: the terminal's foreground group, so the program has it too.
bool FromTerminal(const signalfd_siginfo& info) { return info.ssi_code == SI_KERNEL; }

}  // namespace

Result<SignalRelay> SignalRelay::Open() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  for (const int signal : kRelayed) sigaddset(&set, signal);
  sigprocmask(SIG_BLOCK, &set, &g_mask_at_start);
  sigaction(SIGPIPE, nullptr, &g_pipe_at_start);
  signal(SIGPIPE, SIG_IGN);
  sigaction(SIGCHLD, nullptr, &g_child_at_start);
  signal(SIGCHLD, SIG_DFL);  // ignored, it would reap the program before we can ask how it ended
  RaiseFileLimit();
  SignalRelay relay;
  relay.descriptor_ = UniqueFd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!relay.descriptor_.valid()) return Status::Error(std::string("cannot watch signals: ") + std::strerror(errno));
  return relay;
}

void SignalRelay::RestoreForProgram() {
  setrlimit(RLIMIT_NOFILE, &g_files_at_start);
  sigaction(SIGPIPE, &g_pipe_at_start, nullptr);
  sigaction(SIGCHLD, &g_child_at_start, nullptr);
  sigprocmask(SIG_SETMASK, &g_mask_at_start, nullptr);
}

bool SignalRelay::Relay(pid_t program) {
  bool child_changed = false;
  signalfd_siginfo info{};
  while (read(descriptor_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) {
      child_changed = true;
    } else if (program > 0 && !FromTerminal(info)) {
      kill(program, signal);
    }
  }
  return child_changed;
}

}  // namespace scalene::collector
