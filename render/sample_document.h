// Documents for tests: made by hand, so that a test may say what it expects of every byte.
#pragma once

#include "profile/document.h"

namespace scalene::render {

// The smallest honest profile: one line that allocates 8 MiB, works for a second in C and sleeps for another. It is the
// worked example of docs/profile-format.md.
profile::Document ExampleDocument();

// A run with everything in it: two files, functions, async, GPU, memory, leaks, native and waiting stacks, several
// processes and threads, losses, and texts that try to break out of wherever they are shown.
profile::Document RichDocument();

// `lines` lines in `files` files, a tenth of them with data: for timing.
profile::Document LargeDocument(int files, int lines);

}  // namespace scalene::render
