#include "agent/thread_hooks.h"

#include <pthread.h>

#include "agent/cpu_timer.h"
#include "agent/footprint.h"
#include "agent/libc.h"
#include "agent/process_state.h"
#include "agent/signal_hooks.h"
#include "agent/syscalls.h"
#include "agent/thread_memory.h"

namespace scalene::agent {
namespace {

pthread_key_t g_key;
bool g_has_key = false;

// Runs among the thread's other destructors. A slot of a process that was forked away from is not ours to end; after the
// agent has stopped, nothing is left to do.
// Signal-safe: no.  Allocates: no.  Locks: none.  Runs on: the ending thread.
void OnThreadEnd(void* slot_address) {
  auto* slot = static_cast<ThreadSlot*>(slot_address);
  if (g_counts_memory) {
    PublishFootprint(t_memory);
    PublishAllocated(t_memory);
  }
  if (g_agent.state->stopped.load(std::memory_order_relaxed) != 0) return;
  if (slot->tid.load(std::memory_order_relaxed) == CurrentTid()) StopSampling(slot);
}

void Remember(ThreadSlot* slot) {
  if (g_has_key) pthread_setspecific(g_key, slot);
}

// What a hooked thread runs first.
// Signal-safe: no.  Allocates: no.  Locks: none.  Runs on: the new thread.
void* RunThread(void* slot_address) {
  auto* slot = static_cast<ThreadSlot*>(slot_address);
  void* (*const start)(void*) = slot->start;
  void* const argument = slot->argument;
  SetBelievedBlocked(slot->believed_blocked);
  StartSampling(slot, /*is_main=*/false, 0);
  Remember(slot);
  return start(argument);
}

bool Sampling() {
  return g_agent.state != nullptr && g_agent.recording.load(std::memory_order_relaxed) != 0 &&
         g_agent.state->stopped.load(std::memory_order_relaxed) == 0;
}

}  // namespace

bool PrepareThreadHooks() {
  g_has_key = pthread_key_create(&g_key, OnThreadEnd) == 0;
  return g_has_key;
}

void StartMainThread(unsigned long already_used_cpu_ns) {
  ThreadSlot* slot = ClaimSlot();
  if (slot != nullptr) StartSampling(slot, /*is_main=*/true, already_used_cpu_ns);
}

}  // namespace scalene::agent

using namespace scalene::agent;

extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread,
                                                                     const pthread_attr_t* attributes,
                                                                     void* (*start)(void*), void* argument) noexcept {
  const LibcFunctions& libc = Libc();
  ThreadSlot* slot = Sampling() ? ClaimSlot() : nullptr;
  if (slot == nullptr) return libc.pthread_create(thread, attributes, start, argument);
  slot->start = start;
  slot->argument = argument;
  slot->believed_blocked = BelievedBlocked();
  const int failed = libc.pthread_create(thread, attributes, RunThread, slot);
  if (failed != 0) slot->tid.store(0, std::memory_order_release);
  return failed;
}
