// Which interpreter runs in this image, and whether its structures are where the layout says.
#pragma once

#include "agent/process_state.h"

namespace scalene::agent {

enum class Found { kNoPython, kKnown, kUnknownVersion };

// Looks for the interpreter and fills g_agent.interpreter. One symbol lookup in images without Python.
// Signal-safe: no.  Allocates: dlsym may.  Locks: the loader's.  Runs on: the loading thread.
Found FindInterpreter();

// Compares the layout with the live structures. 0: all well, else the number of the check that failed.
// Signal-safe: no.  Allocates: through the interpreter.  Locks: none.  Runs on: a thread that holds the GIL.
int CheckLayout();

// A function or object of the interpreter by name, or nullptr.
// Signal-safe: no.  Allocates: dlsym may.  Locks: the loader's.  Runs on: any thread outside handlers.
void* PythonSymbol(const char* name);

}  // namespace scalene::agent
