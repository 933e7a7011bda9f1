// ReasonOf: from the system call a thread is blocked in, and its arguments, to what it waits for.
#pragma once

#include <functional>

#include "collector/thread_probe.h"
#include "profile/wait_reason.h"

namespace scalene::collector {

// `reason_of_futex` tells the interpreter's own futexes from locks.
profile::WaitReason ReasonOf(const BlockedCall& call,
                             const std::function<profile::WaitReason(uint64_t futex)>& reason_of_futex);

// Where it waits in memory; 0: it waits for something else.
uint64_t AwaitedFutex(const BlockedCall& call);

// The process that a thread waits for in wait4 or waitid; 0: any, or another kind of wait.
pid_t AwaitedChild(const BlockedCall& call);

}  // namespace scalene::collector
