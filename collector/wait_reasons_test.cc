#include "collector/wait_reasons.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <string>

namespace scalene::collector {
namespace {

using profile::WaitReason;

WaitReason Reason(long number, const std::string& arguments, WaitReason futex = WaitReason::kLock) {
  const std::string text = std::to_string(number) + " " + arguments + " 0x7ffc00000000 0x7f0000000000";
  return ReasonOf(ParseCall(text.c_str()), [futex](uint64_t) { return futex; });
}

TEST(WaitReasonsTest, TellsKindsOfWaitsApart) {
  EXPECT_EQ(Reason(SYS_clock_nanosleep, "0x1 0x1 0x7ffc 0x0 0x0 0x0"), WaitReason::kSleep);
  EXPECT_EQ(Reason(SYS_read, "0x3 0x7f 0x10 0x0 0x0 0x0"), WaitReason::kRead);
  EXPECT_EQ(Reason(SYS_sendto, "0x3 0x7f 0x10 0x0 0x0 0x0"), WaitReason::kWrite);
  EXPECT_EQ(Reason(SYS_wait4, "0x12 0x0 0x0 0x0 0x0 0x0"), WaitReason::kChild);
  EXPECT_EQ(Reason(SYS_epoll_pwait, "0x3 0x7f 0x1 0xffffffff 0x0 0x8"), WaitReason::kPoll);
  EXPECT_EQ(Reason(SYS_flock, "0x3 0x2 0x0 0x0 0x0 0x0"), WaitReason::kLock);
  EXPECT_EQ(Reason(SYS_getpid, "0x0 0x0 0x0 0x0 0x0 0x0"), WaitReason::kOther);
}

TEST(WaitReasonsTest, FutexOfTheGilIsNoLock) {
  EXPECT_EQ(Reason(SYS_futex, "0x7f 0x189 0x0 0x0 0x0 0x0", WaitReason::kGil), WaitReason::kGil);
  EXPECT_EQ(Reason(SYS_futex, "0x7f 0x189 0x0 0x0 0x0 0x0", WaitReason::kLock), WaitReason::kLock);
}

TEST(WaitReasonsTest, SelectWithoutDescriptorsSleeps) {
  EXPECT_EQ(Reason(SYS_pselect6, "0x0 0x0 0x0 0x0 0x7f 0x0"), WaitReason::kSleep);
  EXPECT_EQ(Reason(SYS_pselect6, "0x4 0x7f 0x0 0x0 0x7f 0x0"), WaitReason::kPoll);
  EXPECT_EQ(Reason(SYS_ppoll, "0x0 0x0 0x7f 0x0 0x0 0x0"), WaitReason::kSleep);
  EXPECT_EQ(Reason(SYS_ppoll, "0x7f 0x2 0x7f 0x0 0x0 0x0"), WaitReason::kPoll);
}

TEST(WaitReasonsTest, BlockedInNoCallIsAPageFault) {
  const BlockedCall call = ParseCall("-1 0x7ffc00000000 0x7f0000000000\n");
  EXPECT_EQ(call.state, BlockedCall::State::kBlocked);
  EXPECT_EQ(call.stack, 0x7ffc00000000u);
  EXPECT_EQ(ReasonOf(call, [](uint64_t) { return WaitReason::kGil; }), WaitReason::kPageFault);
}

TEST(WaitReasonsTest, ReadsWhatTheKernelWrites) {
  EXPECT_EQ(ParseCall("running\n").state, BlockedCall::State::kRunning);
  EXPECT_EQ(ParseCall("").state, BlockedCall::State::kUnreadable);
  EXPECT_EQ(ParseSchedStat("123 45 6\n"), (SchedStat{123, 45, 6}));
}

TEST(WaitReasonsTest, KnowsWhichChildIsAwaited) {
  EXPECT_EQ(AwaitedChild(ParseCall((std::to_string(SYS_wait4) + " 0x1f 0x0 0x0 0x0 0x0 0x0 0x1 0x2").c_str())), 31);
  EXPECT_EQ(
      AwaitedChild(ParseCall((std::to_string(SYS_wait4) + " 0xffffffffffffffff 0x0 0x0 0x0 0x0 0x0 0x1 0x2").c_str())),
      0);
}

}  // namespace
}  // namespace scalene::collector
