#include "agent/fork.h"

#include <pthread.h>

#include "agent/allocation_sampler.h"
#include "agent/footprint.h"
#include "agent/live_blocks.h"
#include "agent/mapped_regions.h"
#include "agent/process_state.h"
#include "agent/thread_hooks.h"
#include "agent/thread_memory.h"

namespace scalene::agent {
namespace {

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the forking thread, before fork.
void BeforeFork() {
  if (g_counts_memory) RememberFootprint();
  const ProcessState& state = *g_agent.state;
  if (state.phase.load(std::memory_order_acquire) == RingPhase::kNone)
    return;  // an unconnected fork child: as it began
  g_agent.on_at_fork = wire::IsOn(state.ring.control()->switches.load(std::memory_order_relaxed));
}

// The state is all zero here: no ring, no threads. Only the timer is made now; the ring comes with the first tick, so a
// child that execs at once pays two system calls.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the child's only thread.
void InChild() {
  if (g_counts_memory) {
    InheritFootprint();
    InheritLiveBlocks();
    UnlockRegions();
    ReseedAllocationSampler();
  }
  if (g_agent.recording.load(std::memory_order_relaxed) == 0) return;
  if ((g_agent.collector.flags & wire::kFollowChildren) == 0) {
    g_agent.recording.store(0, std::memory_order_relaxed);
    return;
  }
  g_agent.forked = true;
  StartMainThread(0);
}

}  // namespace

bool PrepareForkHooks() { return pthread_atfork(BeforeFork, nullptr, InChild) == 0; }

}  // namespace scalene::agent
