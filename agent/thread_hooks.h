// Threads started later, by any library: each samples itself from its first instruction.
#pragma once

namespace scalene::agent {

// Lets every thread announce its end. False: no key is left; threads are then sampled but their end is not noticed.
// Signal-safe: no.  Allocates: no.  Locks: none.  Runs on: the loading thread.
bool PrepareThreadHooks();

// Starts sampling the main thread; recording begins here.
// Signal-safe: no.  Allocates: no.  Locks: none.  Runs on: the main thread.
void StartMainThread(unsigned long already_used_cpu_ns);

}  // namespace scalene::agent
