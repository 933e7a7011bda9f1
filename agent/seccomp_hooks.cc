// A program may install a system call filter that kills it for calls which bare Python never makes, ours for instance. Both
// ways in (prctl, and seccomp through syscall(2), which is how libseccomp does it) pass here: the agent falls silent first.
#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/prctl.h>

#include "agent/cpu_timer.h"
#include "agent/process_state.h"
#include "agent/record_writer.h"
#include "agent/syscalls.h"

#define SCALENE_EXPORT extern "C" __attribute__((visibility("default")))

namespace scalene::agent {
namespace {

// As libc's wrappers report. They are not called: allocators use syscall() while they initialise, where a symbol lookup
// would allocate.
long WithErrno(long result) {
  if (result >= 0 || result < -4095) return result;
  errno = static_cast<int>(-result);
  return -1;
}

// No system call of ours follows in this process: no tick, no record of a thread's end, nothing in its fork children.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that installs the filter.
void FallSilent() {
  if (g_agent.state == nullptr || g_agent.recording.load(std::memory_order_relaxed) == 0) return;
  WriteRecordingEnd(wire::EndReason::kFinalizing);
  StopForGood(wire::Notice::kSeccomp, 0);
  DeleteAllTimers();
  g_agent.recording.store(0, std::memory_order_relaxed);
}

// The operations that install a filter; others of the same call only ask. Without a program it is a probe that fails.
bool InstallsFilter(unsigned long mode_or_operation, unsigned long filter) {
  return mode_or_operation == SECCOMP_MODE_STRICT || (mode_or_operation == SECCOMP_MODE_FILTER && filter != 0);
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
  if (option == PR_SET_SECCOMP && InstallsFilter(arguments[0], arguments[1])) FallSilent();
  return static_cast<int>(
      WithErrno(RawSyscall(SYS_prctl, option, static_cast<long>(arguments[0]), static_cast<long>(arguments[1]),
                           static_cast<long>(arguments[2]), static_cast<long>(arguments[3]))));
}

SCALENE_EXPORT long syscall(long number, ...) noexcept {
  long arguments[6];
  va_list list;
  va_start(list, number);
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  // Operation 0 is strict mode, 1 a filter.
  if (number == SYS_seccomp &&
      InstallsFilter(static_cast<unsigned long>(arguments[0]) + 1, static_cast<unsigned long>(arguments[2])))
    FallSilent();
  return WithErrno(
      RawSyscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]));
}
