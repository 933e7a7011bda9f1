// Connection: makes this process's ring and hands it to the collector. Afterwards no descriptor is left.
#pragma once

#include "wire/records.h"

namespace scalene::agent {

enum class Connection {
  kMade,           // the ring exists and the collector has its memfd; the phase is kPrivate, OpenRing() makes it kOpen
  kFailed,         // no memory, no descriptor, no collector
  kBySomebodyElse  // another thread is at it
};

// Signal-safe: yes (raw system calls only).  Allocates: by mmap.  Locks: none; never waits.  Runs on: any thread.
Connection Connect();

// Lets every thread write.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that connected.
void OpenRing();

}  // namespace scalene::agent
