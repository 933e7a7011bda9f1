// The tick: what happens on a sampled thread when its timer fires.
#pragma once

#include <signal.h>

#include "agent/connection.h"

namespace scalene::agent {

// Chooses the highest free real-time signal and installs the handler. False: none is free.
// Signal-safe: no.  Allocates: no.  Locks: none.  Runs on: the loading thread.
bool InstallHandler();

// Gives our signal back to the program and takes another one.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that asked for our number.
void LeaveSignal();

// The same, to a number outside `set`; our handler stays on the old one. False: every free number is in the set, so
// nothing has changed.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the thread that asked for our number.
bool LeaveSignalFor(const sigset_t& set);

// A fork child gets its ring at its first sample, so that fork-and-exec pays nothing.
// Signal-safe: yes.  Allocates: by mmap, once.  Locks: none.  Runs on: the sampled thread.
Connection EnsureConnected();

// The interpreter finalises: recording ends here.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
bool EndIfFinalizing();

// One of ProcessState::buffers, or -1: all are in use.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
int ClaimBuffer();
void ReleaseBuffer(int index);

}  // namespace scalene::agent
