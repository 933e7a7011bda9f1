// A capture file: the raw records of one run, as `scalene run --capture FILE` keeps them and `scalene dump` reads them.
//
//   file    [ CaptureHeader │ words of the command, each ended by NUL ] [ one zstd frame, up to the end of the file ]
//   frame   [ CaptureEntry │ record ] [ CaptureEntry │ record ] …        (once decompressed)
//
// Records are kept as they came out of a ring, after the check of their header and before anything else looked at them,
// so also what the decoder refuses is in a capture. Everything is little endian.
//
// The frame is flushed about once a second: a capture whose writer was killed is readable up to its last flushed block.
// A complete one ends with the end of its frame, checksum included.
#pragma once

#include <cstdint>

#include "wire/records.h"

namespace scalene::collector {

inline constexpr uint8_t kCaptureMagic[8] = {0x89, 's', 'c', 'a', 'l', 'e', 'n', 'e'};  // no text begins with 0x89
inline constexpr uint32_t kCaptureVersion = 1;
inline constexpr uint32_t kMaxCommandBytes = 64 * 1024;  // a longer command is cut

//    0      8         12             16                   24                  32            40              44
//    ┌──────┬─────────┬──────────────┬────────────────────┬───────────────────┬─────────────┬───────────────┬──────────┐
//    │magic │ version │ wire_version │ start_monotonic_ns │ start_realtime_ns │ interval_ns │ command_bytes │ reserved │
//    └──────┴─────────┴──────────────┴────────────────────┴───────────────────┴─────────────┴───────────────┴──────────┘
struct CaptureHeader {
  uint8_t magic[8];
  uint32_t version;             // kCaptureVersion
  uint32_t wire_version;        // wire::kWireVersion of the records
  uint64_t start_monotonic_ns;  // CLOCK_MONOTONIC when the capture was opened
  int64_t start_realtime_ns;    // CLOCK_REALTIME at the same moment
  uint64_t interval_ns;         // mean CPU time between samples
  uint32_t command_bytes;       // that follow
  uint32_t reserved;
};
static_assert(sizeof(CaptureHeader) == 48);

struct CaptureEntry {
  uint32_t record_bytes;  // of the record that follows: a multiple of 8, at most wire::kMaxRecordBytes
  int32_t pid;
  uint32_t image;  // counts the images of the run in the order in which they introduced themselves, from 0
  uint32_t reserved;
};
static_assert(sizeof(CaptureEntry) == 16);

constexpr bool IsPossibleRecordSize(uint64_t bytes) {
  return bytes >= sizeof(wire::RecordHeader) && bytes <= wire::kMaxRecordBytes && bytes % 8 == 0;
}

}  // namespace scalene::collector
