// How a process introduces itself to the collector: one message on an abstract Unix socket, with the ring's memfd
// attached. The agent opens, sends and closes; it keeps no descriptor and never waits for an answer.
//
//   SCALENE_COLLECTOR = NAME ":" COLLECTOR_PID ":" INTERVAL_NS ":" FLAGS ":" WINDOW        (hex, 32 hex digits for NAME)
//
// NAME is the socket's abstract name behind "scalene-", 128 random bits made by the collector for this run.
#pragma once

#include <cstdint>

namespace scalene::wire {

inline constexpr char kCollectorVariable[] = "SCALENE_COLLECTOR";
inline constexpr char kSocketPrefix[] = "scalene-";
inline constexpr int kNameDigits = 32;

enum CollectorFlags : uint32_t {
  kStartEnabled = 1,     // without it: suspended until switched on
  kFollowChildren = 2,   // without it: only the root process
  kBehindSanitizer = 4,  // LD_PRELOAD begins with a sanitizer's runtime, which the program's own file needs there
};

struct CollectorAddress {
  char name[kNameDigits];  // not terminated
  uint32_t collector_pid;
  uint64_t interval_ns;
  uint32_t flags;
  uint64_t window;  // mean bytes between samples of allocations; 0: memory is not profiled
};

inline constexpr uint64_t kHelloMagic = 0x6f6c6c65682d6353ull;

// The message. The ring's memfd travels beside it as SCM_RIGHTS.
struct Hello {
  uint64_t magic;
  uint32_t version;  // kWireVersion
  int32_t pid;
  uint32_t ring_bytes;
  uint32_t reserved;
};
static_assert(sizeof(Hello) == 24);

namespace internal {
constexpr int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Reads one number up to ':' or the end; nullptr when there is none.
constexpr const char* ParseHex(const char* text, uint64_t* value) {
  *value = 0;
  int digits = 0;
  for (; HexDigit(*text) >= 0 && digits < 16; ++text, ++digits) *value = *value << 4 | HexDigit(*text);
  return digits > 0 && (*text == ':' || *text == '\0') ? text : nullptr;
}
}  // namespace internal

// False when `text` is not an address; `address` is then unspecified.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
constexpr bool ParseCollectorAddress(const char* text, CollectorAddress* address) {
  for (int i = 0; i < kNameDigits; ++i) {
    if (internal::HexDigit(text[i]) < 0) return false;
    address->name[i] = text[i];
  }
  text += kNameDigits;
  uint64_t numbers[4] = {};
  for (uint64_t& number : numbers) {
    if (*text != ':') return false;
    text = internal::ParseHex(text + 1, &number);
    if (text == nullptr) return false;
  }
  if (*text != '\0') return false;
  address->collector_pid = static_cast<uint32_t>(numbers[0]);
  address->interval_ns = numbers[1];
  address->flags = static_cast<uint32_t>(numbers[2]);
  address->window = numbers[3];
  return address->interval_ns > 0;
}

}  // namespace scalene::wire
