// Chooses allocations and copies and writes their records. The fast paths are in thread_memory.h.
#pragma once

#include <cstdint>

namespace scalene::agent {

// Prepares the table of live samples. False: no memory.
// Signal-safe: no.  Allocates: by mmap.  Locks: none.  Runs on: the loading thread.
bool PrepareAllocationSampler(uint64_t window);

// In a fork child: another sequence of random numbers.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the child's only thread.
void ReseedAllocationSampler();

}  // namespace scalene::agent
