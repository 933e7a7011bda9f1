// The moment at which the interpreter begins to run the program (after site): recording starts there, and there only the
// agent calls into the interpreter, with the GIL held: it puts `profile` into builtins and reads a few facts.
#pragma once

namespace scalene::agent {

// Adds one C audit hook before the interpreter initialises; it takes itself out at the first `cpython.run_*` event, since
// a hook that stays costs 40 ns an event. False: the interpreter offers no way.
// Signal-safe: no.  Allocates: through the interpreter.  Locks: none.  Runs on: the loading thread.
bool AwaitProgramStart();

}  // namespace scalene::agent
