// Connection: makes this process's ring and hands it to the collector. Afterwards no descriptor is left.
#pragma once

#include "wire/records.h"

namespace scalene::agent {

// True when the ring exists and the collector has been sent its memfd. A second caller at the same time gets false.
// Signal-safe: yes (raw system calls only).  Allocates: by mmap.  Locks: none; never waits.  Runs on: any thread.
bool Connect();

}  // namespace scalene::agent
