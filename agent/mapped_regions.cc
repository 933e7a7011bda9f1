#include "agent/mapped_regions.h"

#include <atomic>

#include "agent/syscalls.h"

namespace scalene::agent {
namespace {

struct Region {
  uint64_t start, end;
};
constexpr uint32_t kPlaces = 4096;  // 64 KiB
Region g_regions[kPlaces];
std::atomic<uint32_t> g_used{0};
std::atomic<uint32_t> g_lock{0};

class Lock {
 public:
  Lock() {
    for (int tries = 0; tries < 20'000 && !held_; ++tries) {
      uint32_t free = 0;
      held_ = g_lock.compare_exchange_weak(free, 1, std::memory_order_acquire);  // pairs with the release below
      if (!held_ && tries % 64 == 63) RawSyscall(SYS_sched_yield);
    }
  }
  ~Lock() {
    if (held_) g_lock.store(0, std::memory_order_release);
  }
  bool held() const { return held_; }

 private:
  bool held_ = false;
};

// The first region that overlaps, or the number of regions.
uint32_t Overlapping(uint64_t start, uint64_t end) {
  const uint32_t used = g_used.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < used; ++i) {
    if (g_regions[i].start < end && start < g_regions[i].end) return i;
  }
  return used;
}

void Append(uint64_t start, uint64_t end) {
  const uint32_t used = g_used.load(std::memory_order_relaxed);
  if (start >= end || used == kPlaces) return;
  g_regions[used] = {start, end};
  g_used.store(used + 1, std::memory_order_relaxed);
}

}  // namespace

bool HasRegions() { return g_used.load(std::memory_order_relaxed) != 0; }

bool AddRegion(const void* start, size_t bytes) {
  const Lock lock;
  if (!lock.held() || g_used.load(std::memory_order_relaxed) == kPlaces) return false;
  const auto address = reinterpret_cast<uint64_t>(start);
  Append(address, address + bytes);
  return true;
}

bool IsRegion(const void* start, size_t bytes) {
  const Lock lock;
  const auto address = reinterpret_cast<uint64_t>(start);
  if (!lock.held()) return false;
  const uint32_t at = Overlapping(address, address + bytes);
  return at < g_used.load(std::memory_order_relaxed) && g_regions[at].start == address;
}

RemovedPages RemoveRegion(const void* start, size_t bytes) {
  const Lock lock;
  RemovedPages removed;
  const auto from = reinterpret_cast<uint64_t>(start), to = from + bytes;
  if (!lock.held()) return removed;
  const uint32_t at = Overlapping(from, to);
  const uint32_t used = g_used.load(std::memory_order_relaxed);
  if (at == used) return removed;
  const Region region = g_regions[at];
  g_regions[at] = g_regions[used - 1];
  g_used.store(used - 1, std::memory_order_relaxed);
  const uint64_t low = from > region.start ? from : region.start, high = to < region.end ? to : region.end;
  Append(region.start, low);
  Append(high, region.end);
  removed.region = reinterpret_cast<const void*>(region.start);
  removed.bytes = high - low;
  removed.rest_bytes = region.end - region.start - removed.bytes;
  removed.rest = reinterpret_cast<const void*>(low > region.start ? region.start : high);
  return removed;
}

void UnlockRegions() { g_lock.store(0, std::memory_order_relaxed); }

}  // namespace scalene::agent
