// The root R of the profiled files (the filter's starting point) as far as it can be known before the start.
#pragma once

#include <string>

#include "cli/interpreter.h"

namespace scalene::cli {

// Of a program file: its directory; for a file inside an installed library or a script that an installer wrote into a
// scripts directory: the working directory.
std::string RootOfFile(const std::string& path, const Surroundings& surroundings);

struct ModulePlace {
  std::string root;  // the directory that holds the top package; the working directory for an installed one
  std::string file;  // the file that will run, or "" when it is not found here
};

// Looks where `python -m` looks first: the working directory, then PYTHONPATH.
ModulePlace PlaceOfModule(const std::string& module, const Surroundings& surroundings);

}  // namespace scalene::cli
