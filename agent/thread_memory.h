// What every allocation passes: a thread's own countdown to its next sample and its own change of the footprint. Static TLS
// and nothing else: without a sample an allocation costs a subtraction, an addition and two branches never taken.
//
//   countdown   bytes until the slow path looks again: at the next sample, and at every block that is always sampled
//   live        change of the footprint since it was last added to MemoryCounters, native and Python apart
//
// Threads: a thread's own; a signal handler of the program that allocates may come in between, and costs a few bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace scalene::agent {

enum AllocatedBy : uint8_t { kByNative = 0, kByPython = 1 };  // 1 is kAllocationPython on the wire

struct ThreadMemory {
  int64_t countdown;  // < 0: see TakeAllocation
  int64_t rest;       // of the drawn gap, behind the countdown
  int64_t filled;     // what the countdown was set to: filled - countdown bytes were allocated since
  int64_t live[2];    // by AllocatedBy
  int64_t copy_countdown;
  AllocatedBy by;             // whose allocation it is while the interpreter's RAW domain calls libc
  uint8_t muted;              // > 0: mappings made now are an allocator's own
  uint8_t busy;               // the slow path runs: what it or a handler allocates meanwhile is not sampled
  uint8_t drawn;              // the gap has been drawn
  uint8_t copies_drawn;       // the same for copies
  uint8_t shift, copy_shift;  // at which window
};
static_assert(sizeof(ThreadMemory) <= 56,
              "with signal_hooks at most 64 bytes of static TLS: late dlopen needs the room");

extern __thread ThreadMemory t_memory __attribute__((tls_model("initial-exec"), visibility("hidden")));

// Memory is profiled in this image. Constant after load.
extern bool g_counts_memory __attribute__((visibility("hidden")));

// A thread's change of the footprint stays with it up to here. 8 KiB: at worst 1 % of 1 MiB; half a percent of the time of a
// program that does nothing but allocate small objects.
inline constexpr int64_t kUnpublishedBytes = 8 * 1024;

// Adds what this thread has kept to itself to the process's counters.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void PublishFootprint(ThreadMemory& thread) __attribute__((cold, noinline));

// The countdown has run out: decides whether the block is sampled and does it. `opaque`: see kAllocationOpaque.
// Signal-safe: no.  Allocates: no.  Locks: a bounded spin lock.  Runs on: any thread.
void TakeAllocation(ThreadMemory& thread, const void* block, uint64_t bytes, uint16_t kind)
    __attribute__((cold, noinline));

// The same for a copy of `bytes`.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void TakeCopy(ThreadMemory& thread, uint64_t bytes) __attribute__((cold, noinline));

// True: the change has become so large that it must be published.
inline bool ChangeLive(ThreadMemory& thread, AllocatedBy by, int64_t bytes) {
  const int64_t live = thread.live[by] += bytes;
  return __builtin_expect(static_cast<uint64_t>(live + kUnpublishedBytes) > 2 * kUnpublishedBytes, 0);
}
inline void AddLive(ThreadMemory& thread, AllocatedBy by, int64_t bytes) {
  if (ChangeLive(thread, by, bytes)) PublishFootprint(thread);
}

// What a noted allocation rarely needs: publishes, samples, returns the block. Called last, so that the way without it keeps
// nothing in registers.
// Signal-safe: no.  Allocates: no.  Locks: a bounded spin lock.  Runs on: any thread.
void* NoteSlowly(void* block, uint64_t bytes, uint16_t kind) __attribute__((cold, noinline));

// A block of `bytes`, of which the allocator holds `held`. Returns the block.
inline void* NoteAllocation(ThreadMemory& thread, AllocatedBy by, void* block, size_t bytes, size_t held,
                            uint16_t kind = 0) {
  const bool publish = ChangeLive(thread, by, static_cast<int64_t>(held));
  const bool look = __builtin_expect((thread.countdown -= static_cast<int64_t>(bytes)) < 0, 0);
  if (__builtin_expect(publish || look, 0)) return NoteSlowly(block, bytes, static_cast<uint16_t>(kind | by));
  return block;
}

}  // namespace scalene::agent
