// From the words behind `scalene` to a command: main without argv.
#pragma once

#include "cli/commands.h"

namespace scalene::cli {

// Runs what the words ask for and returns the exit status. A program in place of a command means `run`.
int Dispatch(const Words& words);

}  // namespace scalene::cli
