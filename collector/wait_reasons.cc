#include "collector/wait_reasons.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>

namespace scalene::collector {
namespace {

using profile::WaitReason;

// aarch64 has no numbers for the oldest calls, old headers none for the newest: those become kNone, which none has.
constexpr long kNone = -2;
#ifdef SYS_poll
constexpr long kPollCall = SYS_poll, kSelectCall = SYS_select, kEpollWait = SYS_epoll_wait, kGetdents = SYS_getdents;
#else
constexpr long kPollCall = kNone, kSelectCall = kNone, kEpollWait = kNone, kGetdents = kNone;
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif
#ifndef SYS_io_uring_enter
#define SYS_io_uring_enter 426
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

template <size_t N>
bool Among(const std::array<long, N>& numbers, long number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

constexpr std::array kReads = {long{SYS_read},    long{SYS_pread64},   long{SYS_readv},           long{SYS_preadv},
                               long{SYS_preadv2}, long{SYS_recvfrom},  long{SYS_recvmsg},         long{SYS_recvmmsg},
                               long{SYS_accept},  long{SYS_accept4},   long{SYS_openat},          long{SYS_getdents64},
                               long{SYS_statx},   long{SYS_readahead}, long{SYS_mq_timedreceive}, kGetdents};
constexpr std::array kWrites = {
    long{SYS_write},           long{SYS_pwrite64}, long{SYS_writev},    long{SYS_pwritev},     long{SYS_pwritev2},
    long{SYS_sendto},          long{SYS_sendmsg},  long{SYS_sendmmsg},  long{SYS_connect},     long{SYS_fsync},
    long{SYS_fdatasync},       long{SYS_sync},     long{SYS_msync},     long{SYS_sendfile},    long{SYS_splice},
    long{SYS_copy_file_range}, long{SYS_syncfs},   long{SYS_ftruncate}, long{SYS_mq_timedsend}};
constexpr std::array kPolls = {kEpollWait, long{SYS_epoll_pwait}, long{SYS_epoll_pwait2}, long{SYS_io_uring_enter}};
constexpr std::array kSleeps = {long{SYS_nanosleep}, long{SYS_clock_nanosleep}};
constexpr std::array kChildren = {long{SYS_wait4}, long{SYS_waitid}};
constexpr std::array kLocks = {long{SYS_futex_waitv}, long{SYS_flock}, long{SYS_semop}, long{SYS_semtimedop}};

bool WaitsForFileLock(const BlockedCall& call) {
  return call.number == SYS_fcntl && (call.arguments[1] == F_SETLKW || call.arguments[1] == F_OFD_SETLKW);
}

// Waits for descriptors or, without any, for time alone. select: number of descriptors first; poll: second.
WaitReason PollOrSleep(uint64_t descriptors) { return descriptors == 0 ? WaitReason::kSleep : WaitReason::kPoll; }

}  // namespace

WaitReason ReasonOf(const BlockedCall& call, const std::function<WaitReason(uint64_t futex)>& reason_of_futex) {
  const long number = call.number;
  if (number < 0) return WaitReason::kPageFault;
  if (number == SYS_futex) return reason_of_futex(call.arguments[0]);
  if (number == kPollCall || number == SYS_ppoll) return PollOrSleep(call.arguments[1]);
  if (number == kSelectCall || number == SYS_pselect6) return PollOrSleep(call.arguments[0]);
  if (Among(kSleeps, number)) return WaitReason::kSleep;
  if (Among(kPolls, number)) return WaitReason::kPoll;
  if (Among(kReads, number)) return WaitReason::kRead;
  if (Among(kWrites, number)) return WaitReason::kWrite;
  if (Among(kChildren, number)) return WaitReason::kChild;
  if (Among(kLocks, number) || WaitsForFileLock(call)) return WaitReason::kLock;
  return WaitReason::kOther;
}

uint64_t AwaitedFutex(const BlockedCall& call) { return call.number == SYS_futex ? call.arguments[0] : 0; }

pid_t AwaitedChild(const BlockedCall& call) {
  if (call.number == SYS_wait4) return std::max(0, static_cast<pid_t>(call.arguments[0]));
  if (call.number == SYS_waitid && call.arguments[0] == P_PID) return static_cast<pid_t>(call.arguments[1]);
  return 0;
}

}  // namespace scalene::collector
