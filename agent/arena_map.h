// Which addresses belong to the interpreter's small-object allocator, and where samples live in them: a byte per 4 KiB of
// address space. With it a block's size class is read from its pool's header, for every block and at any time, and the free
// of a block that has no sampled neighbour needs one look. The arenas themselves stay where the interpreter's own arena
// allocator puts them, so the program's address space is as it is without us, and a limit on it (ulimit -v) leaves room for
// as much.
//
//   home   8 GiB of address space around the first arena: one table
//   far    everything else: address ─▶ table of its GiB ─▶ byte of its 4 KiB
//   pool header: at the address rounded down to the pool's size
//
// Threads: any. Arenas are marked under the interpreter's lock, samples under that of live_blocks.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace scalene::agent {

inline constexpr int kArenaPageBits = 12;
inline constexpr uint64_t kHomePages = uint64_t{8} << 30 >> kArenaPageBits;  // 2 MiB, touched as used

// What a page's byte says; above kPooled it counts the page's live samples, and 255 means that it has lost count.
enum ArenaPage : uint8_t { kNotPooled = 0, kPooled = 1, kUncounted = 255 };

extern uint64_t g_home __attribute__((visibility("hidden")));  // where it begins; 0: no arena yet
extern std::atomic<uint8_t> g_home_pages[kHomePages] __attribute__((visibility("hidden")));
extern bool g_has_far_arenas __attribute__((visibility("hidden")));
extern uint64_t g_pool_mask __attribute__((visibility("hidden")));  // of the address of a pool's header

// Of an address outside the home.
uint8_t FarPageOf(uint64_t address);

inline uint64_t HomePage(const void* block) { return (reinterpret_cast<uint64_t>(block) - g_home) >> kArenaPageBits; }
inline uint8_t PageOf(const void* block) {
  const uint64_t page = HomePage(block);
  if (page < kHomePages) return g_home_pages[page].load(std::memory_order_relaxed);
  return g_has_far_arenas ? FarPageOf(reinterpret_cast<uint64_t>(block)) : uint8_t{kNotPooled};
}
// A block in an arena, far from all samples; false also where that takes longer to say.
inline bool IsPlainlyPooled(const void* block) {
  const uint64_t page = HomePage(block);
  return page < kHomePages && __builtin_expect(g_home_pages[page].load(std::memory_order_relaxed) == kPooled, 1);
}
inline bool InArena(const void* block) { return PageOf(block) != kNotPooled; }

// Bytes of the size class of a block in an arena.
inline size_t ClassBytes(const void* block) {
  constexpr uint64_t kSizeIndexAt = 36;  // in the pool header, 3.8 to 3.15
  const uint64_t pool = reinterpret_cast<uint64_t>(block) & g_pool_mask;
  return (static_cast<size_t>(*reinterpret_cast<const uint32_t*>(pool + kSizeIndexAt)) + 1) * 16;
}

// `is_arena`: from now on, or no longer. False: no memory for a table; some of the arena's blocks are then not told apart.
// Signal-safe: no.  Allocates: by mmap.  Locks: none.  Runs on: any thread.
bool MarkArena(const void* start, size_t bytes, bool is_arena);

// A sample lives at this address from now on, or no longer; of no consequence outside of arenas.
// Signal-safe: yes.  Allocates: no.  Locks: the caller's.  Runs on: any thread.
void MarkSample(uint64_t address, bool lives);

}  // namespace scalene::agent
