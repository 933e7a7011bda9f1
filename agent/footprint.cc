#include "agent/footprint.h"

#include "agent/process_state.h"
#include "agent/signal_handler.h"
#include "agent/thread_memory.h"

namespace scalene::agent {

__thread ThreadMemory t_memory;
bool g_counts_memory = false;

namespace {

wire::MemoryCounters g_own{};  // of a fork child that has no mapping yet
std::atomic<uint64_t> g_next_sample{1};

bool Recording() { return g_agent.state != nullptr && g_agent.recording.load(std::memory_order_relaxed) != 0; }

// What the end of the interpreter gives back is no part of the program's footprint.
bool HasEnded() {
  return Recording() && (g_agent.state->stopped.load(std::memory_order_relaxed) != 0 || EndIfFinalizing());
}

bool Raise(std::atomic<int64_t>& highest, int64_t value) {
  int64_t seen = highest.load(std::memory_order_relaxed);
  while (value > seen) {
    if (highest.compare_exchange_weak(seen, value, std::memory_order_relaxed)) return true;
  }
  return false;
}

// Bytes asked for by this thread since it last added them to the process's counter.
uint64_t Consumed(const ThreadMemory& thread) { return static_cast<uint64_t>(thread.filled - thread.countdown); }

void NoteHighest(wire::MemoryCounters& counters, int64_t python, int64_t native) {
  Raise(counters.recent_highest, python + native);
  if (Raise(counters.highest, python + native)) counters.highest_python.store(python, std::memory_order_relaxed);
}

}  // namespace

wire::MemoryCounters& CountersOfThisProcess() {
  ProcessState* state = g_agent.state;
  // acquire: pairs with the release in Connect, which has written the ring.
  if (state == nullptr || state->phase.load(std::memory_order_acquire) == RingPhase::kNone) return g_own;
  return state->ring.control()->memory;
}

void PublishFootprint(ThreadMemory& thread) {
  wire::MemoryCounters& counters = CountersOfThisProcess();
  const int64_t python = LiveChange(thread, kByPython), native = LiveChange(thread, kByNative);
  thread.room[kByPython] = thread.room[kByNative] = kUnpublishedBytes;
  thread.has_room = 1;
  if (HasEnded()) return;
  const int64_t python_live = counters.python_live.fetch_add(python, std::memory_order_relaxed) + python;
  const int64_t native_live = counters.native_live.fetch_add(native, std::memory_order_relaxed) + native;
  if (python + native > 0 && Recording()) NoteHighest(counters, python_live, native_live);
}

uint64_t AllocatedSoFar() {
  return CountersOfThisProcess().allocated.load(std::memory_order_relaxed) + Consumed(t_memory);
}

void PublishAllocated(ThreadMemory& thread) {
  CountersOfThisProcess().allocated.fetch_add(Consumed(thread), std::memory_order_relaxed);
  thread.filled = thread.countdown;
}

void StartFootprint() {
  PublishFootprint(t_memory);
  PublishAllocated(t_memory);
  wire::MemoryCounters& counters = CountersOfThisProcess();
  counters.allocated.store(0, std::memory_order_relaxed);
  const int64_t python = counters.python_live.load(std::memory_order_relaxed);
  const int64_t native = counters.native_live.load(std::memory_order_relaxed);
  counters.python_at_start.store(python, std::memory_order_relaxed);
  counters.native_at_start.store(native, std::memory_order_relaxed);
  counters.highest_python.store(python, std::memory_order_relaxed);
  counters.recent_highest.store(python + native, std::memory_order_relaxed);
  counters.highest.store(python + native, std::memory_order_relaxed);
}

void RememberFootprint() {
  PublishFootprint(t_memory);
  const wire::MemoryCounters& counters = CountersOfThisProcess();
  if (&counters == &g_own) return;
  g_own.python_live.store(counters.python_live.load(std::memory_order_relaxed), std::memory_order_relaxed);
  g_own.native_live.store(counters.native_live.load(std::memory_order_relaxed), std::memory_order_relaxed);
  g_own.allocated.store(counters.allocated.load(std::memory_order_relaxed), std::memory_order_relaxed);
  g_own.python_estimated.store(counters.python_estimated.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

void InheritFootprint() { StartFootprint(); }

void MoveFootprint(wire::MemoryCounters& counters) {
  const auto move = [](auto& from, auto& to) {
    to.store(from.load(std::memory_order_relaxed), std::memory_order_relaxed);
  };
  move(g_own.python_live, counters.python_live);
  move(g_own.native_live, counters.native_live);
  move(g_own.python_at_start, counters.python_at_start);
  move(g_own.native_at_start, counters.native_at_start);
  move(g_own.highest, counters.highest);
  move(g_own.highest_python, counters.highest_python);
  move(g_own.recent_highest, counters.recent_highest);
  move(g_own.allocated, counters.allocated);
  move(g_own.python_estimated, counters.python_estimated);
}

uint64_t NextSampleId() { return g_next_sample.fetch_add(1, std::memory_order_relaxed); }

}  // namespace scalene::agent
