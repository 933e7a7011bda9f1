// One timer per sampled thread, on that thread's own CPU clock: it runs only while the thread does, so a blocked thread is
// never interrupted. Each expiry is one-shot and re-armed by the handler after a random (exponential) time.
//
//   ClaimSlot ─▶ StartSampling ─▶ (tick ─▶ ArmNext)* ─▶ StopSampling, which frees the slot
#pragma once

#include <signal.h>

#include "agent/process_state.h"

namespace scalene::agent {

// A free slot, claimed; nullptr: kMaxThreads threads live already.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
ThreadSlot* ClaimSlot();

// Makes and arms the timer of the calling thread and announces it. The slot stays claimed when the kernel has no timer
// left (RLIMIT_SIGPENDING): the thread's CPU time then counts without samples.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread to be sampled.
void StartSampling(ThreadSlot* slot, bool is_main, uint64_t already_used_cpu_ns);

// Announces the end of the calling thread, deletes its timer, frees the slot.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
void StopSampling(ThreadSlot* slot);

// Announces threads that were started before there was a ring.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void AnnounceThreads();

// Draws the next expiry.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread, in the handler.
void ArmNext(ThreadSlot* slot);

// Whether a timer of ours sent this signal.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread, in the handler.
bool IsOurTick(const siginfo_t& info);

// The slot whose timer sent this signal, or nullptr: it was nobody's, or belongs to a thread that is gone.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread, in the handler.
ThreadSlot* SlotOfTimer(const siginfo_t& info);

// Deletes every timer: no tick comes any more.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void DeleteAllTimers();

// Replaces every timer by one that sends `signal`.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void MoveTimersTo(int signal);

}  // namespace scalene::agent
