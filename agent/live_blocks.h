// The sampled blocks that live: which frees are worth a record. Found by address, through a filter first, so that the free
// of any other block costs one load.
//
//   filter   one byte per 16 bytes of address space, over and over: neighbours share a cache line, as they do in the heap
//   heads ─▶ blocks ─▶ blocks      chains by address; several samples may share one (a block and its growth by realloc)
//
// The memory is private and inherited by fork children: a child knows its parent's samples. Bounded: when all places are
// taken the window doubles and thins them (wire/memory_sampling.h).
// Threads: any; a spin lock, tried a bounded number of times. What does not get it is not sampled, and counted.
#pragma once

#include <atomic>
#include <cstdint>

namespace scalene::agent {

inline constexpr uint32_t kFilterPlaces = 1 << 18;
extern std::atomic<uint8_t> g_live_filter[kFilterPlaces] __attribute__((visibility("hidden")));

inline uint32_t FilterPlace(uint64_t address) { return static_cast<uint32_t>(address >> 4) & (kFilterPlaces - 1); }
// False: no sample lives at this address.
inline bool MayBeSampled(const void* block) {
  const auto address = reinterpret_cast<uint64_t>(block);
  return g_live_filter[FilterPlace(address)].load(std::memory_order_relaxed) != 0;
}

// Makes room for the table. False: no memory.
// Signal-safe: no.  Allocates: by mmap.  Locks: none.  Runs on: the loading thread.
bool MakeLiveBlocks(uint64_t window);

// By how many bits the window has been shifted to thin the table: new samples are chosen at that window, at least.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
uint8_t ThinnedShift();

// The sample `id` of `bytes` at `window`. False: not kept.
// Signal-safe: no.  Allocates: no.  Locks: bounded.  Runs on: any thread.
bool AddLiveBlock(const void* block, uint64_t bytes, uint64_t id, uint64_t window);

// The block is about to be freed: its samples leave, each with a record.
// Signal-safe: no.  Allocates: no.  Locks: bounded.  Runs on: any thread.
void FreeLiveBlock(const void* block) __attribute__((cold, noinline));

// Samples of a block that realloc is about to move, taken out of the table. 0: none.
using DetachedBlocks = uint32_t;
DetachedBlocks DetachLiveBlock(const void* block) __attribute__((cold, noinline));
// Bytes of what was taken out.
uint64_t DetachedBytes(DetachedBlocks detached);
// Back at `block`, of which `bytes` are left.
void AttachLiveBlock(DetachedBlocks detached, const void* block, uint64_t bytes) __attribute__((cold, noinline));

// In a fork child: whatever the lock was, it is free; what lives now is the parent's.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the child's only thread.
void InheritLiveBlocks();

}  // namespace scalene::agent
