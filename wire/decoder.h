// Turns the bytes of one record into an event, believing nothing: the writer may be dying, broken or hostile.
// The caller copies the record out of the shared ring first, since the other side could change it while we look.
// Views in an event point into that copy and live as long as it does.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "wire/records.h"

namespace scalene::wire {

struct ProcessTextEvent {
  TextKey key;
  std::string_view text;
};

// Characters as the interpreter stores them: `kind` bytes each.
struct RawStringView {
  std::span<const uint8_t> bytes;
  uint8_t kind = 1;
  bool cut = false;
};

struct CodeEvent {
  CodeRecord record;
  RawStringView file, name;
  std::span<const uint8_t> table;  // empty with kCodeTableElsewhere
};

struct SampleEvent {
  SampleRecord record;
  std::span<const FrameEntry> frames;  // leaf first
};

struct AllocationEvent {
  AllocationRecord record;
  std::span<const FrameEntry> frames;  // leaf first
};

struct CopyEvent {
  CopyRecord record;
  std::span<const FrameEntry> frames;  // leaf first
};

using Event = std::variant<ProcessStartRecord, ProcessTextEvent, ThreadStartRecord, ThreadEndRecord, CodeEvent,
                           SampleEvent, MarkedFunctionRecord, RecordingEndRecord, NoticeRecord, SwitchRecord,
                           AllocationEvent, FreeRecord, MemoryWindowRecord, CopyEvent>;

// nullopt: not a record of this version. `bytes` must be aligned to 8.
std::optional<Event> DecodeRecord(std::span<const uint8_t> bytes);

}  // namespace scalene::wire
