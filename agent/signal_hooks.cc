#include "agent/signal_hooks.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <ucontext.h>

#include <atomic>

#include "agent/libc.h"
#include "agent/process_state.h"
#include "agent/signal_handler.h"
#include "agent/syscalls.h"

#define SCALENE_EXPORT extern "C" __attribute__((visibility("default")))

namespace scalene::agent {
namespace {

// What the program has asked for our number: SIG_DFL or SIG_IGN. For a handler of its own it gets the number itself.
struct sigaction g_wished {};

// Numbers that we have left because the program waits for them. Our handler stays on them, since other threads still have
// them unblocked and believe otherwise. Bit n-1 is number n.
std::atomic<uint64_t> g_once_ours{0};

// Numbers, ours or once ours, that this thread believes to have blocked. 8 bytes of static TLS.
__thread uint64_t t_believed_blocked __attribute__((tls_model("initial-exec"))) = 0;

constexpr uint64_t Bit(int signal) { return signal == 0 ? 0 : uint64_t{1} << (signal - 1); }
uint64_t Ours() { return Bit(g_agent.signal); }
uint64_t Managed() { return Ours() | g_once_ours.load(std::memory_order_relaxed); }
bool IsManaged(int signal) { return signal > 0 && signal <= 64 && (Managed() & Bit(signal)) != 0; }

bool IsHandler(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 || (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN);
}

// Which of the managed numbers are in the set.
uint64_t ManagedMembers(const sigset_t& set) {
  uint64_t members = 0;
  for (uint64_t rest = Managed(); rest != 0; rest &= rest - 1) {
    const int signal = __builtin_ctzll(rest) + 1;
    if (sigismember(&set, signal) == 1) members |= Bit(signal);
  }
  return members;
}

void AddMembers(uint64_t members, sigset_t* set) {
  for (; members != 0; members &= members - 1) sigaddset(set, __builtin_ctzll(members) + 1);
}

sigset_t WithoutOurs(const sigset_t& set) {
  sigset_t rest = set;
  if (g_agent.signal != 0) sigdelset(&rest, g_agent.signal);
  return rest;
}

// Numbers once ours are really changed from now on; only of ours something has to be believed.
uint64_t BelievedAfter(int how, uint64_t named) {
  if (how == SIG_SETMASK) return named & Ours();
  if (how == SIG_UNBLOCK) return t_believed_blocked & ~named;
  return (t_believed_blocked & ~named) | (named & Ours());
}

using MaskFunction = int (*)(int, const sigset_t*, sigset_t*);

// Blocks and unblocks everything but our signal, and remembers what the program believes of that.
int ChangeMask(MaskFunction change, int how, const sigset_t* set, sigset_t* old) {
  if (Managed() == 0) return change(how, set, old);
  const uint64_t named = set != nullptr ? ManagedMembers(*set) : 0;
  sigset_t rest;
  if (set != nullptr) rest = WithoutOurs(*set);
  const int result = change(how, set != nullptr ? &rest : nullptr, old);
  if (result != 0) return result;
  if (old != nullptr) AddMembers(t_believed_blocked, old);
  if (set != nullptr) t_believed_blocked = BelievedAfter(how, named);
  return 0;
}

// After a move from `old`: in `mask`, the old number is blocked as the program believes it to be, and the new one is not,
// which the program must not notice.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that caused the move.
void TradeNumbers(int old, sigset_t* mask) {
  if ((t_believed_blocked & Bit(old)) != 0) sigaddset(mask, old);
  t_believed_blocked &= ~Bit(old);
  if (g_agent.signal == 0 || sigismember(mask, g_agent.signal) != 1) return;
  t_believed_blocked |= Ours();
  sigdelset(mask, g_agent.signal);
}

void TradeNumbersNow(int old) {
  sigset_t mask;
  Libc().pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  TradeNumbers(old, &mask);
  Libc().pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

// Sampling goes to another number, one outside `set`; the old one is the program's to wait for.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
bool MoveOutOf(const sigset_t& set) {
  const int old = g_agent.signal;
  if (!LeaveSignalFor(set)) return false;
  g_once_ours.fetch_or(Bit(old), std::memory_order_relaxed);
  return true;
}

// A thread that believes to block the number is sent it: somebody wants to fetch it later. It becomes really blocked here,
// and pending again with what it carried, for the process or for this thread, as it came.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that was sent it, in the handler.
void KeepPending(int signal, siginfo_t* info, ucontext_t* context) {
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  if (signal == g_agent.signal && MoveOutOf(only)) TradeNumbers(signal, &context->uc_sigmask);
  t_believed_blocked &= ~Bit(signal);
  sigaddset(&context->uc_sigmask, signal);
  if (info->si_code == SI_TKILL) {
    RawSyscall(SYS_rt_tgsigqueueinfo, CurrentPid(), CurrentTid(), signal, AsWord(info));
  } else {
    RawSyscall(SYS_rt_sigqueueinfo, CurrentPid(), signal, AsWord(info));
  }
}

// Before a wait for signals: a number of ours that the program waits for becomes its own, unless it waits for all.
void MakeRoomFor(const sigset_t& set) {
  const int number = g_agent.signal;
  if (number == 0 || sigismember(&set, number) != 1) return;
  if (MoveOutOf(set)) TradeNumbersNow(number);
}

}  // namespace

void DeliverToProgram(int signal, siginfo_t* info, void* context) {
  if ((t_believed_blocked & Bit(signal)) != 0) return KeepPending(signal, info, static_cast<ucontext_t*>(context));
  if (g_wished.sa_handler == SIG_IGN && (g_wished.sa_flags & SA_SIGINFO) == 0) return;
  struct sigaction default_action {};
  Libc().sigaction(signal, &default_action, nullptr);
  RawSyscall(SYS_tgkill, CurrentPid(), CurrentTid(), signal);  // delivered when the handler returns
}

uint64_t BelievedBlocked() { return t_believed_blocked; }
void SetBelievedBlocked(uint64_t numbers) { t_believed_blocked = numbers; }

}  // namespace scalene::agent

using namespace scalene::agent;

SCALENE_EXPORT int sigaction(int signal, const struct sigaction* action, struct sigaction* old) {
  if (!IsManaged(signal)) return Libc().sigaction(signal, action, old);
  if (action != nullptr && IsHandler(*action)) {
    if (signal == g_agent.signal) {
      LeaveSignal();
      TradeNumbersNow(signal);
    }
    g_once_ours.fetch_and(~Bit(signal), std::memory_order_relaxed);
    if (old != nullptr) *old = g_wished;
    return Libc().sigaction(signal, action, nullptr);
  }
  const struct sigaction before = g_wished;
  if (action != nullptr) g_wished = *action;
  if (old != nullptr) *old = before;
  return 0;
}

SCALENE_EXPORT sighandler_t signal(int signal, sighandler_t handler) {
  if (!IsManaged(signal)) return Libc().signal(signal, handler);
  struct sigaction action {
  }, old{};
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
