// The anonymous mappings that count: needed because munmap names addresses, not mappings. Bounded; what finds no place is
// not counted.
// Threads: any; a bounded spin lock.
#pragma once

#include <cstddef>
#include <cstdint>

namespace scalene::agent {

// Signal-safe: yes.  Allocates: no.  Locks: bounded.  Runs on: any thread. (All of these.)
bool AddRegion(const void* start, size_t bytes);
bool IsRegion(const void* start, size_t bytes);
bool HasRegions();

// What unmapping takes away from the one region that it touches; of several the first. `rest`: what stays of it.
struct RemovedPages {
  const void* region = nullptr;  // where it began
  uint64_t bytes = 0;
  const void* rest = nullptr;
  uint64_t rest_bytes = 0;
};
RemovedPages RemoveRegion(const void* start, size_t bytes);

// In a fork child, whatever the lock was.
void UnlockRegions();

}  // namespace scalene::agent
