// The bytes that this process holds, Python's and native ones apart: exact, in MemoryCounters of the shared mapping.
//
// A fork child has no mapping until it introduces itself; until then it counts in memory of its own, from what its parent
// held when it forked.
#pragma once

#include <cstdint>

#include "wire/ring_buffer.h"

namespace scalene::agent {

struct ThreadMemory;

// Where this process counts now.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
wire::MemoryCounters& CountersOfThisProcess();

// Bytes asked for so far, by all threads, those that this thread has not published included.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
uint64_t AllocatedSoFar();

// What this thread has asked for since the last time goes into the process's counter: at its samples, and at its end.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void PublishAllocated(ThreadMemory& thread);

// Recording begins now: what lives already does not count.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the main thread.
void StartFootprint();

// Around fork: the child goes on from its parent's numbers.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the forking thread, in the parent; the child's only thread.
void RememberFootprint();
void InheritFootprint();
// The child has its own mapping.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that connected.
void MoveFootprint(wire::MemoryCounters& counters);

// A number for a new sample; rising, never 0, not used again in fork children.
uint64_t NextSampleId();

}  // namespace scalene::agent
