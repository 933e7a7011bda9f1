// The interrupted thread's Python frames as numbers, and each code object described once.
#pragma once

#include <cstdint>

#include "agent/process_state.h"
#include "wire/records.h"

namespace scalene::agent {

struct CapturedFrames {
  uint32_t count = 0;                   // entries in the buffer, leaf first
  uint32_t cut = 0;                     // left out in the middle
  uint16_t flags = 0;                   // wire::SampleFlags
  uint8_t opcode = 0, opcode_next = 0;  // at the leaf; 0: none
};

// Walks the stack of the calling thread. Code objects not described in this process before are described on the way.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread, in the handler.
CapturedFrames CapturePythonFrames(SampleBuffer* buffer);

// Describes the code object (unless that has been done) and returns its fingerprint.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: a thread that keeps the object alive.
uint32_t DescribeCode(uint64_t code);

}  // namespace scalene::agent
