// Puts records into this process's ring. All of them are no-ops without a ring, and drop (counted) when it is full.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread, in handlers and outside.
#pragma once

#include <cstdint>

#include "agent/process_state.h"
#include "wire/records.h"

namespace scalene::agent {

// Space for a record of type Record with `extra` bytes behind it; nullptr: no ring, or full.
template <typename Record>
Record* BeginRecord(wire::RecordType type, uint32_t extra = 0) {
  ProcessState* state = g_agent.state;
  // acquire: pairs with the release in Connect, which has written the ring.
  if (state == nullptr || state->phase.load(std::memory_order_acquire) == RingPhase::kNone) return nullptr;
  return reinterpret_cast<Record*>(state->ring.BeginWrite(sizeof(Record) + extra, type));
}
template <typename Record>
void EndRecord(Record* record) {
  wire::RingBuffer::EndWrite(&record->header);
}

void WriteProcessStart(wire::ProcessOrigin origin);
void WriteProcessText(wire::TextKey key, const char* text, uint32_t bytes);
void WriteThreadStart(int32_t tid, bool is_main, uint64_t ident, uint64_t cpu_ns);
void WriteThreadEnd(int32_t tid, uint64_t cpu_ns);
void WriteRecordingEnd(wire::EndReason reason);
void WriteSwitch(bool on, bool from_birth);
void WriteNotice(wire::Notice notice, int32_t detail);

}  // namespace scalene::agent
