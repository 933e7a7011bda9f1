// WaitReason: what a thread waits for while it is not on a CPU. The names are those of the profile file ("waits").
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace scalene::profile {

enum class WaitReason : uint8_t {
  kSleep,
  kLock,  // also conditions, queues, joins: whatever ends in a futex that is not the GIL's
  kGil,
  kStopTheWorld,  // free-threaded builds: another thread has stopped all others, for garbage collection mostly
  kRead,
  kWrite,
  kPoll,  // an event loop, too
  kChild,
  kPageFault,
  kRunnable,  // waiting for a CPU; in no percentage
  kStopped,   // by SIGSTOP or a debugger; in no percentage
  kOther,
};

inline constexpr std::array<std::string_view, 12> kWaitReasonNames = {
    "sleep", "lock",  "gil",        "stop_the_world", "read",    "write",
    "poll",  "child", "page_fault", "runnable",       "stopped", "other"};
inline constexpr size_t kWaitReasons = kWaitReasonNames.size();

constexpr std::string_view NameOf(WaitReason reason) { return kWaitReasonNames[static_cast<size_t>(reason)]; }

// Seconds by reason.
struct WaitSeconds {
  std::array<double, kWaitReasons> by_reason{};

  double& operator[](WaitReason reason) { return by_reason[static_cast<size_t>(reason)]; }
  double operator[](WaitReason reason) const { return by_reason[static_cast<size_t>(reason)]; }
  void Add(const WaitSeconds& other) {
    for (size_t i = 0; i < kWaitReasons; ++i) by_reason[i] += other.by_reason[i];
  }
};

// As the profile has them: those without time left out.
inline std::map<std::string, double> NamedWaits(const WaitSeconds& waits) {
  std::map<std::string, double> sums;
  for (size_t i = 0; i < kWaitReasons; ++i) {
    if (waits.by_reason[i] > 0) sums.emplace(kWaitReasonNames[i], waits.by_reason[i]);
  }
  return sums;
}

}  // namespace scalene::profile
