// A program may install a system call filter that kills it for calls which bare Python never makes, ours for instance. Both
// ways in (prctl, and seccomp through syscall(2), which is how libseccomp does it) pass here: the agent falls silent first.
#include <stdarg.h>
#include <sys/prctl.h>

#include "agent/cpu_timer.h"
#include "agent/libc.h"
#include "agent/process_state.h"
#include "agent/record_writer.h"
#include "agent/syscalls.h"

#define SCALENE_EXPORT extern "C" __attribute__((visibility("default")))

namespace scalene::agent {
namespace {

// No system call of ours follows in this process: no tick, no record of a thread's end, nothing in its fork children.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that installs the filter.
void FallSilent() {
  if (g_agent.state == nullptr || g_agent.recording.load(std::memory_order_relaxed) == 0) return;
  WriteRecordingEnd(wire::EndReason::kFinalizing);
  StopForGood(wire::Notice::kSeccomp, 0);
  DeleteAllTimers();
  g_agent.recording.store(0, std::memory_order_relaxed);
}

}  // namespace
}  // namespace scalene::agent

using namespace scalene::agent;

SCALENE_EXPORT int prctl(int option, ...) noexcept {
  unsigned long arguments[4];
  va_list list;
  va_start(list, option);
  for (unsigned long& argument : arguments) argument = va_arg(list, unsigned long);
  va_end(list);
  if (option == PR_SET_SECCOMP) FallSilent();
  return Libc().prctl(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}

SCALENE_EXPORT long syscall(long number, ...) noexcept {
  long arguments[6];
  va_list list;
  va_start(list, number);
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_seccomp) FallSilent();
  return Libc().syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}
