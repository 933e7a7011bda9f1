// `profile`, the decorator that needs no import, and the facts about the interpreter that only it can tell.
// Both call the C API: only at the start of the program, or from `profile` itself.
#pragma once

namespace scalene::agent {

// Puts `profile` into builtins unless something of that name is there. It returns what it is given, and tells the
// collector which code objects were marked.
// Signal-safe: no.  Allocates: through the interpreter.  Locks: none.  Runs on: a thread that holds the GIL.
void InstallBuiltinProfile();

// Sends version, executable, prefixes and sys.path.
// Signal-safe: no.  Allocates: through the interpreter.  Locks: none.  Runs on: a thread that holds the GIL.
void WriteInterpreterFacts();

}  // namespace scalene::agent
