// The hooks of memcpy and its relatives.
#pragma once

namespace scalene::agent {

// Finds the copy functions behind us; until then a plain loop serves. In every image, profiled or not.
// Signal-safe: no.  Allocates: dlsym may.  Locks: the loader's.  Runs on: the loading thread.
void FindCopyFunctions();

}  // namespace scalene::agent
