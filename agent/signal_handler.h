// The tick: what happens on a sampled thread when its timer fires.
#pragma once

#include <signal.h>

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

}  // namespace scalene::agent
