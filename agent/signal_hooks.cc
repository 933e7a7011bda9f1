#include "agent/signal_hooks.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <ucontext.h>

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

// After a move from `old`: in `mask`, the old number is blocked as the program believes it to be, and the new one is not,
// which the program must not notice.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that caused the move.
void TradeNumbers(int old, sigset_t* mask) {
  if (g_agent.signal == old) return;
  if (t_signal_blocked) sigaddset(mask, old);
  t_signal_blocked = g_agent.signal != 0 && sigismember(mask, g_agent.signal) == 1;
  if (t_signal_blocked) sigdelset(mask, g_agent.signal);
}

void TradeNumbersNow(int old) {
  sigset_t mask;
  Libc().pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  TradeNumbers(old, &mask);
  Libc().pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

// A program that blocks our number and is sent it wants to fetch it later. It gets the number to itself: really blocked, and
// pending again with what it carried.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that was sent it, in the handler.
void KeepPending(int signal, siginfo_t* info, ucontext_t* context) {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  LeaveSignalFor(only);
  TradeNumbers(signal, &context->uc_sigmask);
  RawSyscall(SYS_rt_tgsigqueueinfo, CurrentPid(), CurrentTid(), signal, AsWord(info));
}

// Before a wait for signals: a number of ours that the program waits for becomes its own, unless it waits for all.
void MakeRoomFor(const sigset_t& set) {
  if (g_agent.signal == 0 || sigismember(&set, g_agent.signal) != 1) return;
  const int number = g_agent.signal;
  LeaveSignalFor(set);
  TradeNumbersNow(number);
}

}  // namespace

void DeliverToProgram(int signal, siginfo_t* info, void* context) {
  if (t_signal_blocked) return KeepPending(signal, info, static_cast<ucontext_t*>(context));
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
    TradeNumbersNow(signal);
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
  MakeRoomFor(*set);
  const sigset_t rest = WithoutOurs(*set);
  return Libc().sigwait(&rest, signal);
}

SCALENE_EXPORT int sigwaitinfo(const sigset_t* set, siginfo_t* info) {
  MakeRoomFor(*set);
  const sigset_t rest = WithoutOurs(*set);
  return Libc().sigwaitinfo(&rest, info);
}

SCALENE_EXPORT int sigtimedwait(const sigset_t* set, siginfo_t* info, const timespec* timeout) {
  MakeRoomFor(*set);
  const sigset_t rest = WithoutOurs(*set);
  return Libc().sigtimedwait(&rest, info, timeout);
}

SCALENE_EXPORT int signalfd(int fd, const sigset_t* set, int flags) noexcept {
  MakeRoomFor(*set);
  const sigset_t rest = WithoutOurs(*set);
  return Libc().signalfd(fd, &rest, flags);
}
