#include "agent/allocation_sampler.h"

#include "agent/footprint.h"
#include "agent/live_blocks.h"
#include "agent/python_frames.h"
#include "agent/record_writer.h"
#include "agent/sample_budget.h"
#include "agent/signal_handler.h"
#include "agent/syscalls.h"
#include "agent/thread_memory.h"
#include "wire/memory_sampling.h"

namespace scalene::agent {
namespace {

uint64_t g_window = 0;  // bytes, as asked for
std::atomic<uint64_t> g_random{0};
SampleBudget g_budget, g_copy_budget;

// By how many bits the window is shifted at the moment.
uint8_t ShiftNow() {
  const uint8_t by_budget = g_budget.shift(), by_table = ThinnedShift();
  return by_budget > by_table ? by_budget : by_table;
}

// Bytes to the thread's next sample, at the window of the moment.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
int64_t DrawGap(ThreadMemory& thread) {
  thread.shift = ShiftNow();
  thread.drawn = 1;
  uint64_t state = SeedFrom(g_random.fetch_add(0x9e3779b97f4a7c15ull, std::memory_order_relaxed));
  return static_cast<int64_t>(ExponentialDraw(&state, g_window << thread.shift));
}

// A block may be sampled now: the program runs, somebody listens, and it is switched on.
// Signal-safe: yes.  Allocates: by mmap, in a fork child.  Locks: none.  Runs on: any thread.
bool Listening() {
  ProcessState* state = g_agent.state;
  if (state == nullptr || g_agent.recording.load(std::memory_order_relaxed) == 0) return false;
  if (state->stopped.load(std::memory_order_relaxed) != 0 || EnsureConnected() != Connection::kMade) return false;
  return wire::IsOn(state->ring.control()->switches.load(std::memory_order_relaxed)) && !EndIfFinalizing();
}

// Never further than the next look, nor than where the smallest block that is always sampled must be noticed.
void Refill(ThreadMemory& thread, int64_t gap, uint64_t window) {
  const auto noticed = static_cast<int64_t>(wire::AlwaysSampledBytes(window) - 1);
  const int64_t most = noticed < kLookBytes ? noticed : kLookBytes;
  const int64_t consumed = thread.filled - thread.countdown;
  thread.countdown = gap < most ? gap : most;
  thread.filled = thread.countdown + consumed;
  thread.rest = gap - thread.countdown;
}

bool IsLarge(int64_t change) { return change > kLookBytes || change < -kLookBytes; }

struct ChosenBlock {
  const void* address;
  uint64_t bytes, window;
  uint16_t kind;
};

// Signal-safe: no.  Allocates: no.  Locks: none.  Runs on: any thread.
bool WriteAllocation(const ChosenBlock& chosen, uint64_t id, uint64_t now_ns) {
  const int index = ClaimBuffer();
  if (index < 0) return false;
  SampleBuffer* buffer = &g_agent.state->buffers[index];
  const CapturedFrames captured = CapturePythonFrames(buffer);
  const uint32_t frame_bytes = captured.count * sizeof(wire::FrameEntry);
  auto* record = BeginRecord<wire::AllocationRecord>(wire::RecordType::kAllocation, frame_bytes);
  if (record != nullptr) {
    const wire::MemoryCounters& counters = CountersOfThisProcess();
    record->time_ns = now_ns;
    record->id = id;
    record->bytes = chosen.bytes;
    record->window = chosen.window;
    record->allocated = counters.allocated.load(std::memory_order_relaxed);
    record->python_live = counters.python_live.load(std::memory_order_relaxed);
    record->native_live = counters.native_live.load(std::memory_order_relaxed);
    record->tid = CurrentTid();
    record->flags = captured.flags;
    record->kind = chosen.kind;
    record->frame_count = captured.count;
    record->cut_frames = captured.cut;
    __builtin_memcpy(record + 1, buffer->frames, frame_bytes);
    EndRecord(record);
  }
  ReleaseBuffer(index);
  return record != nullptr;
}

// Signal-safe: no.  Allocates: no.  Locks: bounded.  Runs on: any thread.
void Sample(ThreadMemory& thread, const ChosenBlock& chosen) {
  if (!Listening()) return;
  PublishFootprint(thread);
  const uint64_t now_ns = WallClock(CLOCK_MONOTONIC);
  g_budget.Spend(now_ns);
  const uint64_t id = NextSampleId();
  const bool written = WriteAllocation(chosen, id, now_ns);
  thread.busy = 0;  // the table has its own use for it
  const bool kept = written && AddLiveBlock(chosen.address, chosen.bytes, id, chosen.window);
  if (!kept) CountersOfThisProcess().unsampled_blocks.fetch_add(1, std::memory_order_relaxed);
}

// The countdown has run out: decides whether the block is sampled and does it.
// Signal-safe: no.  Allocates: no.  Locks: a bounded spin lock.  Runs on: any thread.
void TakeAllocation(ThreadMemory& thread, const void* block, uint64_t bytes, uint16_t kind) {
  if (thread.busy != 0) return;  // a handler within the slow path; the countdown stays below 0 for the next
  thread.busy = 1;
  const auto size = static_cast<int64_t>(bytes);
  int64_t left = thread.drawn != 0 ? thread.countdown + thread.rest : DrawGap(thread) - size;
  // A program may allocate nothing but large blocks: the window must follow the budget all the same. What is left of a gap
  // has no memory, so another may take its place.
  if (bytes >= wire::AlwaysSampledBytes(g_window << thread.shift) && thread.shift != ShiftNow())
    left = DrawGap(thread) - size;
  const uint64_t window = g_window << thread.shift;
  if (bytes >= wire::AlwaysSampledBytes(window)) {
    left += size;  // the gap is for the small ones
    PublishAllocated(thread);
    Refill(thread, left > 0 ? left : 0, window);
    Sample(thread, {block, bytes, window, kind});
  } else if (left >= 0) {
    if (thread.filled - thread.countdown >= static_cast<int64_t>(window)) PublishAllocated(thread);
    Refill(thread, left, window);
  } else {
    PublishAllocated(thread);
    Refill(thread, DrawGap(thread), g_window << thread.shift);
    Sample(thread, {block, bytes, window, kind});
  }
  thread.busy = 0;
}

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void WriteCopy(uint64_t bytes, uint64_t window) {
  if (!Listening()) return;
  const int index = ClaimBuffer();
  if (index < 0) return;
  const uint64_t now_ns = WallClock(CLOCK_MONOTONIC);
  g_copy_budget.Spend(now_ns);
  SampleBuffer* buffer = &g_agent.state->buffers[index];
  const CapturedFrames captured = CapturePythonFrames(buffer);
  const uint32_t frame_bytes = captured.count * sizeof(wire::FrameEntry);
  auto* record = BeginRecord<wire::CopyRecord>(wire::RecordType::kCopy, frame_bytes);
  if (record != nullptr) {
    record->time_ns = now_ns;
    record->bytes = bytes;
    record->window = window;
    record->tid = CurrentTid();
    record->flags = captured.flags;
    record->reserved = 0;
    record->frame_count = captured.count;
    record->cut_frames = captured.cut;
    __builtin_memcpy(record + 1, buffer->frames, frame_bytes);
    EndRecord(record);
  }
  ReleaseBuffer(index);
}

}  // namespace

void TakeCopy(ThreadMemory& thread, uint64_t bytes) {
  if (g_window == 0) thread.copy_countdown = INT64_MAX;  // memory is not profiled
  if (g_window == 0 || thread.busy != 0) return;
  thread.busy = 1;
  const bool drawn = thread.copies_drawn != 0;
  const uint64_t window = g_window << thread.copy_shift;
  thread.copies_drawn = 1;
  thread.copy_shift = g_copy_budget.shift();
  uint64_t state = SeedFrom(g_random.fetch_add(0x9e3779b97f4a7c15ull, std::memory_order_relaxed));
  thread.copy_countdown = static_cast<int64_t>(ExponentialDraw(&state, g_window << thread.copy_shift));
  if (drawn) WriteCopy(bytes, window);
  thread.busy = 0;
  if (!drawn) {  // the thread's first copy: it has its own chance
    thread.copy_countdown -= static_cast<int64_t>(bytes);
    if (thread.copy_countdown < 0) TakeCopy(thread, bytes);
  }
}

void* NoteSlowly(void* block, uint64_t bytes, uint16_t kind) {
  ThreadMemory& thread = t_memory;
  if (IsLarge(LiveChange(thread, kByNative)) || IsLarge(LiveChange(thread, kByPython)) || !thread.has_room)
    PublishFootprint(thread);
  if (thread.countdown < 0) TakeAllocation(thread, block, bytes, kind);
  return block;
}

bool PrepareAllocationSampler(uint64_t window) {
  g_window = window;
  ReseedAllocationSampler();
  return MakeLiveBlocks(window);
}

void ReseedAllocationSampler() {
  g_random.store(SeedFrom(WallClock(CLOCK_MONOTONIC) ^ static_cast<uint64_t>(CurrentPid()) << 40),
                 std::memory_order_relaxed);
  t_memory.drawn = t_memory.copies_drawn = 0;
  t_memory.copy_countdown = 0;
}

}  // namespace scalene::agent
