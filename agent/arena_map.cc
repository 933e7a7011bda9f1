#include "agent/arena_map.h"

#include "agent/syscalls.h"

namespace scalene::agent {

std::atomic<ArenaTable*> g_arena_tables[1u << (kAddressBits - kArenaTableBits)];
uint64_t g_pool_mask = 0;

namespace {

ArenaTable* TableFor(uint64_t address) {
  std::atomic<ArenaTable*>& place = g_arena_tables[address >> kArenaTableBits];
  ArenaTable* table = place.load(std::memory_order_acquire);
  if (table != nullptr) return table;
  void* fresh = MapMemory(sizeof(ArenaTable), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (fresh == nullptr) return nullptr;
  // release: pairs with the acquire in InArena.
  if (place.compare_exchange_strong(table, static_cast<ArenaTable*>(fresh), std::memory_order_acq_rel))
    return static_cast<ArenaTable*>(fresh);
  RawSyscall(SYS_munmap, AsWord(fresh), sizeof(ArenaTable));
  return table;
}

}  // namespace

bool MarkArena(const void* start, size_t bytes, bool is_arena) {
  const auto begin = reinterpret_cast<uint64_t>(start);
  if (begin >> kAddressBits != 0) return false;
  // Pools are aligned; what an arena has before its first and behind its last is nobody's.
  const uint64_t first = (begin + ~g_pool_mask) & g_pool_mask, last = (begin + bytes) & g_pool_mask;
  for (uint64_t address = first; address < last; address += 1u << kArenaPageBits) {
    ArenaTable* table = TableFor(address);
    if (table == nullptr) return false;
    const uint64_t page = (address & ((1u << kArenaTableBits) - 1)) >> kArenaPageBits;
    if (is_arena) {
      table->pages[page / 64].fetch_or(uint64_t{1} << page % 64, std::memory_order_relaxed);
    } else {
      table->pages[page / 64].fetch_and(~(uint64_t{1} << page % 64), std::memory_order_relaxed);
    }
  }
  return true;
}

}  // namespace scalene::agent
