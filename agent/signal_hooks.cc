#include "agent/signal_hooks.h"

#include <errno.h>
#include <sys/signalfd.h>

#include "agent/libc.h"
#include "agent/process_state.h"
#include "agent/signal_handler.h"
#include "agent/syscalls.h"

#define SCALENE_EXPORT extern "C" __attribute__((visibility("default")))

namespace scalene::agent {
namespace {

// What the program has asked for our number: SIG_DFL or SIG_IGN. For a handler of its own it gets the number itself.
struct sigaction g_wished {};

// 1 byte of static TLS.
__thread bool t_signal_blocked __attribute__((tls_model("initial-exec"))) = false;

bool IsOurs(int signal) { return signal != 0 && signal == g_agent.signal; }

bool IsHandler(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

sigset_t WithoutOurs(const sigset_t& set) {
  sigset_t rest = set;
  if (g_agent.signal != 0) sigdelset(&rest, g_agent.signal);
  return rest;
}

using MaskFunction = int (*)(int, const sigset_t*, sigset_t*);

// Blocks and unblocks everything but our signal, and remembers what the program believes of that.
int ChangeMask(MaskFunction change, int how, const sigset_t* set, sigset_t* old) {
  if (g_agent.signal == 0) return change(how, set, old);
  const bool named = set != nullptr && sigismember(set, g_agent.signal) == 1;
  sigset_t rest;
  if (set != nullptr) rest = WithoutOurs(*set);
  const int result = change(how, set != nullptr ? &rest : nullptr, old);
  if (result != 0) return result;
  if (old != nullptr && t_signal_blocked) sigaddset(old, g_agent.signal);
  if (set == nullptr) return 0;
  if (how == SIG_SETMASK) {
    t_signal_blocked = named;
  } else if (named) {
    t_signal_blocked = how == SIG_BLOCK;
  }
  return 0;
}

}  // namespace

void DeliverToProgram(int signal, siginfo_t*, void*) {
  if (g_wished.sa_handler == SIG_IGN && (g_wished.sa_flags & SA_SIGINFO) == 0) return;
  struct sigaction default_action {};
  Libc().sigaction(signal, &default_action, nullptr);
  RawSyscall(SYS_tgkill, CurrentPid(), CurrentTid(), signal);  // delivered when the handler returns
}

bool BelievesSignalBlocked() { return t_signal_blocked; }
void SetBelievesSignalBlocked(bool blocked) { t_signal_blocked = blocked; }

}  // namespace scalene::agent

using namespace scalene::agent;

SCALENE_EXPORT int sigaction(int signal, const struct sigaction* action, struct sigaction* old) {
  if (!IsOurs(signal)) return Libc().sigaction(signal, action, old);
  if (action != nullptr && IsHandler(*action)) {
    LeaveSignal();
    if (old != nullptr) *old = g_wished;
    return Libc().sigaction(signal, action, nullptr);
  }
  const struct sigaction before = g_wished;
  if (action != nullptr) g_wished = *action;
  if (old != nullptr) *old = before;
  return 0;
}

SCALENE_EXPORT sighandler_t signal(int signal, sighandler_t handler) {
  if (!IsOurs(signal)) return Libc().signal(signal, handler);
  struct sigaction action {}, old{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  return sigaction(signal, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

SCALENE_EXPORT int sigprocmask(int how, const sigset_t* set, sigset_t* old) {
  return ChangeMask(Libc().sigprocmask, how, set, old);
}

SCALENE_EXPORT int pthread_sigmask(int how, const sigset_t* set, sigset_t* old) {
  return ChangeMask(Libc().pthread_sigmask, how, set, old);
}

SCALENE_EXPORT int sigwait(const sigset_t* set, int* signal) {
  const sigset_t rest = WithoutOurs(*set);
  return Libc().sigwait(&rest, signal);
}

SCALENE_EXPORT int sigwaitinfo(const sigset_t* set, siginfo_t* info) {
  const sigset_t rest = WithoutOurs(*set);
  return Libc().sigwaitinfo(&rest, info);
}

SCALENE_EXPORT int sigtimedwait(const sigset_t* set, siginfo_t* info, const timespec* timeout) {
  const sigset_t rest = WithoutOurs(*set);
  return Libc().sigtimedwait(&rest, info, timeout);
}

SCALENE_EXPORT int signalfd(int fd, const sigset_t* set, int flags) noexcept {
  const sigset_t rest = WithoutOurs(*set);
  return Libc().signalfd(fd, &rest, flags);
}
