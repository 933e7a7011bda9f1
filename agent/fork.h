// Fork children: profiled from the fork on, with a ring of their own.
#pragma once

namespace scalene::agent {

// Signal-safe: no.  Allocates: in libc.  Locks: libc's.  Runs on: the loading thread.
bool PrepareForkHooks();

}  // namespace scalene::agent
