// The interpreter's own allocators: domains RAW, MEM and OBJ, and the arenas below them. They stay in charge; we stand in
// front of them by the interpreter's own means (PyMem_SetAllocator, PyObject_SetArenaAllocator).
//
//   RAW            calls libc's malloc, where allocation_hooks notes it, as Python's
//   MEM, OBJ       small blocks lie in arenas and are noted here; larger ones go on to RAW
//   PYTHONMALLOC   malloc: MEM and OBJ are like RAW.  debug: the same allocators, with larger blocks
//   mimalloc       (free-threaded builds) does not tell what it frees: Python's footprint is estimated from live samples
#pragma once

namespace scalene::agent {

// Before the interpreter initialises: every arena shall be known.
// Signal-safe: no.  Allocates: in the interpreter.  Locks: none.  Runs on: the loading thread.
void WatchArenas();

// When the program starts and the allocators are what they will be.
// Signal-safe: no.  Allocates: a few blocks.  Locks: the interpreter's.  Runs on: the main thread, holding the GIL.
void WatchPythonAllocators();

}  // namespace scalene::agent
