// ReasonOf: from the system call a thread is blocked in, and its arguments, to what it waits for.
#pragma once

#include <functional>

#include "collector/thread_probe.h"
#include "profile/wait_reason.h"

namespace scalene::collector {

// `is_gil` answers whether a futex belongs to the interpreter's lock; asked for futexes only.
profile::WaitReason ReasonOf(const BlockedCall& call, const std::function<bool(uint64_t futex)>& is_gil);

// The process that a thread waits for in wait4 or waitid; 0: any, or another kind of wait.
pid_t AwaitedChild(const BlockedCall& call);

}  // namespace scalene::collector
