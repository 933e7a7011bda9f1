#include "agent/arena_map.h"

#include "agent/syscalls.h"

namespace scalene::agent {

uint64_t g_home = 0;
std::atomic<uint8_t> g_home_pages[kHomePages];
bool g_has_far_arenas = false;
uint64_t g_pool_mask = 0;

namespace {

constexpr int kAddressBits = 47, kTableBits = 30;
struct FarTable {
  std::atomic<uint8_t> pages[1u << (kTableBits - kArenaPageBits)];  // 256 KiB, touched as used
};
std::atomic<FarTable*> g_far_tables[1u << (kAddressBits - kTableBits)];

// Arenas are made from the top of the address space downwards, mostly.
uint64_t HomeAround(uint64_t address) {
  constexpr uint64_t kAbove = uint64_t{512} << 20, kBytes = kHomePages << kArenaPageBits;
  return address < kBytes ? 1 << kArenaPageBits : (address + kAbove - kBytes) >> kArenaPageBits << kArenaPageBits;
}

std::atomic<uint8_t>* PlaceIn(FarTable* table, uint64_t address) {
  return table == nullptr ? nullptr : &table->pages[(address & ((1u << kTableBits) - 1)) >> kArenaPageBits];
}

// nullptr: there is no table.
std::atomic<uint8_t>* FindPlace(uint64_t address) {
  const uint64_t page = (address - g_home) >> kArenaPageBits;
  if (page < kHomePages) return &g_home_pages[page];
  if (!g_has_far_arenas || address >> kAddressBits != 0) return nullptr;
  // acquire: pairs with the release in MakePlace, which has zeroed the table.
  return PlaceIn(g_far_tables[address >> kTableBits].load(std::memory_order_acquire), address);
}

// nullptr: no memory for a table.
std::atomic<uint8_t>* MakePlace(uint64_t address) {
  if (g_home == 0) g_home = HomeAround(address);
  if (address >> kAddressBits != 0) return nullptr;
  if (address - g_home >= kHomePages << kArenaPageBits) g_has_far_arenas = true;
  std::atomic<uint8_t>* found = FindPlace(address);
  if (found != nullptr) return found;
  void* fresh = MapMemory(sizeof(FarTable), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (fresh == nullptr) return nullptr;
  FarTable* table = nullptr;
  // release: pairs with the acquire in FindPlace.
  if (g_far_tables[address >> kTableBits].compare_exchange_strong(table, static_cast<FarTable*>(fresh),
                                                                  std::memory_order_acq_rel))
    return PlaceIn(static_cast<FarTable*>(fresh), address);
  RawSyscall(SYS_munmap, AsWord(fresh), sizeof(FarTable));
  return PlaceIn(table, address);
}

}  // namespace

uint8_t FarPageOf(uint64_t address) {
  const std::atomic<uint8_t>* place = FindPlace(address);
  return place == nullptr ? uint8_t{kNotPooled} : place->load(std::memory_order_relaxed);
}

bool MarkArena(const void* start, size_t bytes, bool is_arena) {
  const auto begin = reinterpret_cast<uint64_t>(start);
  // Pools are aligned; what an arena has before its first and behind its last is nobody's.
  const uint64_t first = (begin + ~g_pool_mask) & g_pool_mask, last = (begin + bytes) & g_pool_mask;
  for (uint64_t address = first; address < last; address += 1u << kArenaPageBits) {
    std::atomic<uint8_t>* place = is_arena ? MakePlace(address) : FindPlace(address);
    if (place == nullptr) return false;
    place->store(is_arena ? kPooled : kNotPooled, std::memory_order_relaxed);
  }
  return true;
}

void MarkSample(uint64_t address, bool lives) {
  std::atomic<uint8_t>* place = FindPlace(address);
  const uint8_t page = place == nullptr ? uint8_t{kNotPooled} : place->load(std::memory_order_relaxed);
  if (page == kNotPooled || page == kUncounted || (!lives && page == kPooled)) return;
  place->store(static_cast<uint8_t>(lives ? page + 1 : page - 1), std::memory_order_relaxed);
}

}  // namespace scalene::agent
