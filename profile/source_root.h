// Chooses R, the root of the profiled files.
#pragma once

#include <string>

#include "profile/python_environment.h"

namespace scalene::profile {

enum class ProgramKind : uint8_t { kScript, kModule, kCommand, kStandardInput, kNotebook };

struct RootRequest {
  ProgramKind kind = ProgramKind::kScript;
  std::string program;           // kScript: its path, relative to `directory` or absolute
  std::string module_directory;  // kModule: the directory that holds the top package (or the module)
  std::string directory;         // working directory at the program's start
  std::string home;
  std::string program_path;  // --program-path, else empty
};

// --program-path; else the script's directory, or the one that holds the module's top package; else, for -c, stdin and
// notebooks, and for programs that are installed (in a library or a scripts directory), the working directory.
std::string ChooseRoot(const RootRequest& request, const PythonEnvironment& environment);

}  // namespace scalene::profile
