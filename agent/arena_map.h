// Which addresses belong to the interpreter's small-object allocator: a bit per 4 KiB of address space, in tables of one GiB
// each. With it a block's size class is read from its pool's header, for every block and at any time. The arenas themselves
// stay where the interpreter's own arena allocator puts them, so the program's address space is as it is without us, and a
// limit on it (ulimit -v) leaves room for as much.
//
//   address ─▶ table of its GiB ─▶ bit of its 4 KiB;   pool header: at the address rounded down to the pool's size
//
// Threads: any. Tables are made under the interpreter's lock, found without.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace scalene::agent {

inline constexpr int kAddressBits = 47, kArenaTableBits = 30, kArenaPageBits = 12;
struct ArenaTable {
  std::atomic<uint64_t> pages[(1u << (kArenaTableBits - kArenaPageBits)) / 64];  // 32 KiB
};
extern std::atomic<ArenaTable*> g_arena_tables[1u << (kAddressBits - kArenaTableBits)]
    __attribute__((visibility("hidden")));
extern uint64_t g_pool_mask __attribute__((visibility("hidden")));  // of the address of a pool's header

inline bool InArena(const void* block) {
  const auto address = reinterpret_cast<uint64_t>(block);
  if (address >> kAddressBits != 0) return false;
  // acquire: pairs with the release in MarkArena, which has zeroed the table.
  const ArenaTable* table = g_arena_tables[address >> kArenaTableBits].load(std::memory_order_acquire);
  if (table == nullptr) return false;
  const uint64_t page = (address & ((1u << kArenaTableBits) - 1)) >> kArenaPageBits;
  return (table->pages[page / 64].load(std::memory_order_relaxed) >> page % 64 & 1) != 0;
}

// Bytes of the size class of a block in an arena.
inline size_t ClassBytes(const void* block) {
  constexpr uint64_t kSizeIndexAt = 36;  // in the pool header, 3.8 to 3.15
  const uint64_t pool = reinterpret_cast<uint64_t>(block) & g_pool_mask;
  return (static_cast<size_t>(*reinterpret_cast<const uint32_t*>(pool + kSizeIndexAt)) + 1) * 16;
}

// `is_arena`: from now on, or no longer. False: no memory for a table; the arena's blocks are then not told apart.
// Signal-safe: no.  Allocates: by mmap.  Locks: none.  Runs on: any thread.
bool MarkArena(const void* start, size_t bytes, bool is_arena);

}  // namespace scalene::agent
