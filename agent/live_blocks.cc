#include "agent/live_blocks.h"

#include "agent/arena_map.h"
#include "agent/footprint.h"
#include "agent/process_state.h"
#include "agent/record_writer.h"
#include "agent/signal_handler.h"
#include "agent/syscalls.h"
#include "agent/thread_memory.h"
#include "wire/memory_sampling.h"

namespace scalene::agent {

std::atomic<uint8_t> g_live_filter[kFilterPlaces];

namespace {

struct LiveBlock {
  uint64_t address;  // 0: freed, but its record found no room yet
  uint64_t bytes;
  uint64_t id;
  uint32_t next;          // in its chain, or among the free places; 0: the last
  uint32_t window_shift;  // chosen at g_window << this
};
static_assert(sizeof(LiveBlock) == 32);

#ifndef SCALENE_LIVE_PLACES
#define SCALENE_LIVE_PLACES (1 << 17)
#endif
constexpr uint32_t kPlaces = SCALENE_LIVE_PLACES;  // 4 MiB, touched as used; fewer in a build for tests
constexpr uint32_t kHeads = 1 << 16;
constexpr uint32_t kStuck = 255;  // a filter byte that has overflowed once is never empty again

LiveBlock* g_blocks = nullptr;  // place 0 is none
std::atomic<uint32_t> g_heads[kHeads];
std::atomic<uint32_t> g_lock{0};
uint32_t g_free_places = 0;                // chain of places given back
uint32_t g_used_places = 1;                // places from here on were never used
uint32_t g_unreported = 0;                 // chain of freed blocks without a record
uint64_t g_window = 0;                     // as asked for
std::atomic<uint32_t> g_thinned_shift{0};  // samples at smaller windows were thinned to this one
bool g_thinning_unreported = false;
uint64_t g_first_own_id = 0;  // smaller ids are inherited

// Signal-safe: no.  Allocates: no.  Locks: this is one.  Runs on: any thread, not within the slow path already.
class Lock {
 public:
  Lock() : thread_(t_memory) {
    if (thread_.busy != 0) return;
    for (int tries = 0; tries < 20'000; ++tries) {
      uint32_t free = 0;
      // acquire: pairs with the release in the destructor.
      if (g_lock.compare_exchange_weak(free, 1, std::memory_order_acquire)) {
        thread_.busy = held_ = true;
        return;
      }
      if (tries % 64 == 63) RawSyscall(SYS_sched_yield);
    }
  }
  ~Lock() {
    if (!held_) return;
    g_lock.store(0, std::memory_order_release);
    thread_.busy = 0;
  }
  bool held() const { return held_; }

 private:
  ThreadMemory& thread_;
  bool held_ = false;
};

std::atomic<uint32_t>& HeadOf(uint64_t address) { return g_heads[(address >> 4) * 0x9e3779b97f4a7c15ull >> 48]; }

void CountIn(uint64_t address) {
  std::atomic<uint8_t>& place = g_live_filter[FilterPlace(address)];
  if (place.load(std::memory_order_relaxed) != kStuck) place.fetch_add(1, std::memory_order_relaxed);
  MarkSample(address, true);
}
void CountOut(uint64_t address) {
  std::atomic<uint8_t>& place = g_live_filter[FilterPlace(address)];
  if (place.load(std::memory_order_relaxed) != kStuck) place.fetch_sub(1, std::memory_order_relaxed);
  MarkSample(address, false);
}

void Link(uint32_t place, uint64_t address) {
  std::atomic<uint32_t>& head = HeadOf(address);
  g_blocks[place].address = address;
  g_blocks[place].next = head.load(std::memory_order_relaxed);
  head.store(place, std::memory_order_relaxed);
  CountIn(address);
}

void GiveBack(uint32_t place) {
  g_blocks[place].next = g_free_places;
  g_free_places = place;
}

// Signal-safe: yes.  Allocates: no.  Locks: the caller's.  Runs on: any thread.
bool ReportFree(const LiveBlock& block, uint64_t bytes) {
  if (block.id < g_first_own_id && g_agent.state->phase.load(std::memory_order_relaxed) == RingPhase::kNone)
    return true;
  auto* record = BeginRecord<wire::FreeRecord>(wire::RecordType::kFree);
  if (record == nullptr) return false;
  record->time_ns = WallClock(CLOCK_MONOTONIC);
  record->id = block.id;
  record->bytes = bytes;
  record->window = g_window << block.window_shift;
  record->allocated = AllocatedSoFar();
  record->flags = block.id < g_first_own_id ? uint32_t{wire::kFreeInherited} : 0;
  record->reserved = 0;
  EndRecord(record);
  return true;
}

uint64_t ThinnedWindow() { return g_window << g_thinned_shift.load(std::memory_order_relaxed); }

bool ReportThinning() {
  auto* record = BeginRecord<wire::MemoryWindowRecord>(wire::RecordType::kMemoryWindow);
  if (record == nullptr) return false;
  record->window = ThinnedWindow();
  EndRecord(record);
  return true;
}

// What the ring had no room for is said again: without it a freed block would live for ever.
void ReportBacklog() {
  if (g_thinning_unreported) g_thinning_unreported = !ReportThinning();
  while (g_unreported != 0 && ReportFree(g_blocks[g_unreported], g_blocks[g_unreported].bytes)) {
    const uint32_t place = g_unreported;
    g_unreported = g_blocks[place].next;
    GiveBack(place);
  }
}

void Retire(uint32_t place) {
  if (ReportFree(g_blocks[place], g_blocks[place].bytes)) return GiveBack(place);
  g_blocks[place].address = 0;
  g_blocks[place].next = g_unreported;
  g_unreported = place;
}

// Takes the samples of one address out of their chain; the first of a chain of them, or 0.
uint32_t Unlink(uint64_t address) {
  uint32_t taken = 0;
  std::atomic<uint32_t>& head = HeadOf(address);
  uint32_t before = 0;
  for (uint32_t place = head.load(std::memory_order_relaxed); place != 0;) {
    const uint32_t next = g_blocks[place].next;
    if (g_blocks[place].address != address) {
      before = place;
    } else {
      if (before == 0) {
        head.store(next, std::memory_order_relaxed);
      } else {
        g_blocks[before].next = next;
      }
      g_blocks[place].next = taken;
      taken = place;
      CountOut(address);
    }
    place = next;
  }
  return taken;
}

// Every other place becomes free, about: samples stay that would have been chosen at twice the window.
void Thin() {
  g_thinned_shift.fetch_add(1, std::memory_order_relaxed);
  const uint64_t window = ThinnedWindow();
  for (std::atomic<uint32_t>& head : g_heads) {
    uint32_t kept = 0;
    for (uint32_t place = head.load(std::memory_order_relaxed); place != 0;) {
      LiveBlock& block = g_blocks[place];
      const uint32_t next = block.next;
      const uint64_t own = g_window << block.window_shift;
      if (own >= window || wire::StaysAt(block.id, block.bytes, own, window)) {
        block.next = kept;
        kept = place;
      } else {
        CountOut(block.address);
        GiveBack(place);
      }
      place = next;
    }
    head.store(kept, std::memory_order_relaxed);
  }
  g_thinning_unreported = !ReportThinning();
}

uint32_t TakePlace() {
  constexpr uint32_t kMostDoublings = 40;
  while (g_free_places == 0 && g_used_places == kPlaces &&
         g_thinned_shift.load(std::memory_order_relaxed) < kMostDoublings)
    Thin();
  if (g_free_places == 0) return g_used_places < kPlaces ? g_used_places++ : 0;
  const uint32_t place = g_free_places;
  g_free_places = g_blocks[place].next;
  return place;
}

uint32_t ShiftOf(uint64_t window) {
  uint32_t shift = 0;
  while (g_window << shift < window) ++shift;
  return shift;
}

}  // namespace

bool MakeLiveBlocks(uint64_t window) {
  g_window = window;
  g_blocks = static_cast<LiveBlock*>(MapMemory(kPlaces * sizeof(LiveBlock), PROT_READ | PROT_WRITE,
                                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  return g_blocks != nullptr;
}

uint8_t ThinnedShift() { return static_cast<uint8_t>(g_thinned_shift.load(std::memory_order_relaxed)); }

bool AddLiveBlock(const void* block, uint64_t bytes, uint64_t id, uint64_t window) {
  const Lock lock;
  if (!lock.held()) return false;
  ReportBacklog();
  const uint32_t place = TakePlace();
  if (place == 0) return false;
  if (window < ThinnedWindow() &&
      !wire::StaysAt(id, bytes, window, ThinnedWindow())) {  // chosen just before the thinning
    GiveBack(place);
    return true;
  }
  g_blocks[place].bytes = bytes;
  g_blocks[place].id = id;
  g_blocks[place].window_shift = ShiftOf(window);
  Link(place, reinterpret_cast<uint64_t>(block));
  return true;
}

void FreeLiveBlock(const void* block) {
  // Once the interpreter finalises, nothing is freed any more that the program would have kept.
  if (g_agent.state->stopped.load(std::memory_order_relaxed) != 0 || EndIfFinalizing()) return;
  const Lock lock;
  if (!lock.held()) return;
  for (uint32_t place = Unlink(reinterpret_cast<uint64_t>(block)); place != 0;) {
    const uint32_t next = g_blocks[place].next;
    Retire(place);
    place = next;
  }
  ReportBacklog();
}

DetachedBlocks DetachLiveBlock(const void* block) {
  const Lock lock;
  return lock.held() ? Unlink(reinterpret_cast<uint64_t>(block)) : 0;
}

uint64_t DetachedBytes(DetachedBlocks detached) {
  uint64_t bytes = 0;
  for (uint32_t place = detached; place != 0; place = g_blocks[place].next) bytes += g_blocks[place].bytes;
  return bytes;
}

void AttachLiveBlock(DetachedBlocks detached, const void* block, uint64_t bytes) {
  const Lock lock;
  if (!lock.held()) return;  // they stay out of every chain: four places in a lifetime, at worst
  for (uint32_t place = detached; place != 0;) {
    LiveBlock& sample = g_blocks[place];
    const uint32_t next = sample.next;
    const uint64_t kept = sample.bytes < bytes ? sample.bytes : bytes;
    bytes -= kept;
    if (kept == 0) {
      Retire(place);
    } else {
      if (kept < sample.bytes) ReportFree(sample, sample.bytes - kept);
      sample.bytes = kept;
      Link(place, reinterpret_cast<uint64_t>(block));
    }
    place = next;
  }
}

void InheritLiveBlocks() {
  g_lock.store(0, std::memory_order_relaxed);
  t_memory.busy = 0;
  g_first_own_id = NextSampleId();
}

}  // namespace scalene::agent
