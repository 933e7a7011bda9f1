// Records as text, one line each: for `scalene dump`, for tests that compare text, and for reports of trouble.
//
//   sample time=120.500000000 tid=4711 weight=10.000000ms cpu=1.250000000 pc=0x7f12 flags=holds-gil opcode=171/0
//     frames=7f30/0a1b2c3d/24 …                                                            (one line, leaf first)
//
// The same bytes always give the same text. Nothing is believed: bytes that are no record of this version become a `bad`
// line that shows how they begin, and text that could disturb a terminal is escaped.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/records.h"

namespace scalene::wire {

struct RecordTypeName {
  RecordType type;
  std::string_view name;
};

// How a dump calls the types, in the order of their numbers. kNone is not among them.
std::span<const RecordTypeName> RecordTypeNames();
std::optional<RecordType> RecordTypeNamed(std::string_view name);

// One record without a newline at the end. `bytes` must be aligned to 8.
std::string DumpRecord(std::span<const uint8_t> bytes);

// In double quotes. Quotes, backslashes, control characters and bytes that are not UTF-8 are escaped as in C.
std::string QuotedText(std::string_view text);

// "12.345678901"
std::string SecondsText(uint64_t ns);

}  // namespace scalene::wire
