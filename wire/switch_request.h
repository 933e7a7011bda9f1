// How `scalene on|off|status PID` talks to the collector of a run: one request and one reply on the socket on which
// processes introduce themselves (handshake.h). Its address stands in the environment of every process of the run.
#pragma once

#include <cstdint>

#include "wire/handshake.h"

namespace scalene::wire {

inline constexpr uint64_t kSwitchMagic = 0x7463746977732d53ull;

enum class SwitchVerb : uint32_t { kStatus = 0, kOn = 1, kOff = 2 };

struct SwitchRequest {
  uint64_t magic;
  uint32_t version;  // kWireVersion
  SwitchVerb verb;
  uint64_t reserved;
};
static_assert(sizeof(SwitchRequest) == sizeof(Hello), "either is read into the same place");

// The state of the whole run, after the request was carried out.
struct SwitchReply {
  uint64_t magic;
  uint32_t on;
  uint32_t processes;  // that live and are being profiled
  int64_t samples, lost;
  int64_t since_ns;  // CLOCK_REALTIME when recording was last switched, or began
};
static_assert(sizeof(SwitchReply) == 40);

}  // namespace scalene::wire
