// What every allocation passes: a thread's own countdown to its next look and its own change of the footprint. Static TLS
// and nothing else: without a look an allocation costs an addition, a subtraction and a branch never taken, a free a
// subtraction and a branch.
//
//   countdown   bytes until the slow path looks: every kLookBytes, at the next sample, and at every block that is always
//               sampled
//   room        bytes that may be freed before the change of the footprint must be published; what is allocated makes
//               more of it. The change itself is room - kUnpublishedBytes (LiveChange), native and Python apart.
//
// Threads: a thread's own; a signal handler of the program that allocates may come in between, and costs a few bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace scalene::agent {

enum AllocatedBy : uint8_t { kByNative = 0, kByPython = 1 };  // 1 is kAllocationPython on the wire

struct ThreadMemory {
  int64_t countdown;  // < 0: see NoteSlowly
  int64_t rest;       // of the drawn gap, behind the countdown
  int64_t filled;     // filled - countdown bytes were allocated since the last sample
  int64_t room[2];    // by AllocatedBy; < 0: publish
  int64_t copy_countdown;
  AllocatedBy by;             // whose allocation it is while the interpreter's RAW domain calls libc
  uint8_t muted;              // > 0: mappings made now are an allocator's own
  uint8_t busy;               // the slow path runs: what it or a handler allocates meanwhile is not sampled
  uint8_t drawn;              // the gap has been drawn
  uint8_t copies_drawn;       // the same for copies
  uint8_t shift, copy_shift;  // at which window
  uint8_t has_room;           // the room has been given: all is zero in a new thread
};
static_assert(sizeof(ThreadMemory) <= 56,
              "with signal_hooks at most 64 bytes of static TLS: late dlopen needs the room");

extern __thread ThreadMemory t_memory __attribute__((tls_model("initial-exec"), visibility("hidden")));

// Memory is profiled in this image. Constant after load.
extern bool g_counts_memory __attribute__((visibility("hidden")));

// A thread's change of the footprint stays with it up to here: at worst 1 % of 1 MiB. Frees are published when they come to
// as much; what is allocated is looked at twice as often, and published when the change is half of it.
inline constexpr int64_t kUnpublishedBytes = 8 * 1024;
inline constexpr int64_t kLookBytes = kUnpublishedBytes / 2;

// Adds what this thread has kept to itself to the process's counters.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void PublishFootprint(ThreadMemory& thread) __attribute__((cold, noinline));

// What this thread has not published yet.
inline int64_t LiveChange(const ThreadMemory& thread, AllocatedBy by) {
  return thread.room[by] - (thread.has_room ? kUnpublishedBytes : 0);
}

// A copy of `bytes` at which the countdown has run out.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void TakeCopy(ThreadMemory& thread, uint64_t bytes) __attribute__((cold, noinline));

// Bytes that are no longer held. True: it must be published.
inline bool GiveBack(ThreadMemory& thread, AllocatedBy by, size_t held) {
  return __builtin_expect((thread.room[by] -= static_cast<int64_t>(held)) < 0, 0);
}
inline void NoteFree(ThreadMemory& thread, AllocatedBy by, size_t held) {
  if (GiveBack(thread, by, held)) PublishFootprint(thread);
}

// The countdown has run out, or the block is an odd one: publishes, samples, returns the block. Called last, so that the way
// without it keeps nothing in registers. `kind`: see wire::AllocationRecord.
// Signal-safe: no.  Allocates: no.  Locks: a bounded spin lock.  Runs on: any thread.
void* NoteSlowly(void* block, uint64_t bytes, uint16_t kind) __attribute__((cold, noinline));

// A block of `bytes`, of which the allocator holds `held`. True: NoteSlowly must follow.
inline bool CountAllocation(ThreadMemory& thread, AllocatedBy by, size_t bytes, size_t held) {
  thread.room[by] += static_cast<int64_t>(held);
  return __builtin_expect((thread.countdown -= static_cast<int64_t>(bytes)) < 0, 0);
}
// Returns the block.
inline void* NoteAllocation(ThreadMemory& thread, AllocatedBy by, void* block, size_t bytes, size_t held,
                            uint16_t kind = 0) {
  if (CountAllocation(thread, by, bytes, held)) return NoteSlowly(block, bytes, static_cast<uint16_t>(kind | by));
  return block;
}

}  // namespace scalene::agent
