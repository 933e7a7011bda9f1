// The program's own switch: scalene.start() and scalene.stop() find it by name.

#include "agent/process_state.h"
#include "agent/record_writer.h"

using namespace scalene::agent;

// Resumes (1) or suspends (0) recording in this process and in the children it forks from now on. 0: done; -1: this process
// is not being profiled.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
extern "C" __attribute__((visibility("default"))) int scalene_switch(int on) {
  ProcessState* state = g_agent.state;
  if (state == nullptr || g_agent.recording.load(std::memory_order_relaxed) == 0) return -1;
  if (state->stopped.load(std::memory_order_relaxed) != 0) return -1;
  g_agent.on_at_fork = on != 0;  // all that a fork child has before its first tick
  // acquire: pairs with the release in Connect, which has written the ring.
  if (state->phase.load(std::memory_order_acquire) == RingPhase::kNone) return g_agent.forked ? 0 : -1;
  if (scalene::wire::SwitchRecording(*state->ring.control(), on != 0)) WriteSwitch(on != 0, false);
  return 0;
}
