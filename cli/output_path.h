// OutputPath: where the profile goes, settled and tested before the program starts, so that a run of hours does not end
// with "permission denied".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/outcome.h"

namespace scalene::cli {

enum class OutputKind : uint8_t {
  kFile,    // written beside itself and renamed
  kDirect,  // device, pipe, socket: written as it is
  kStdout,
};

struct OutputPath {
  OutputKind kind = OutputKind::kFile;
  std::string path;     // absolute, resolved at start; may hold %p
  std::string display;  // as given, with the extension that was added
  std::string page;     // ".html" was asked for: that name; the JSON goes beside it
};

// Settles the name and tests the place. `clobber`: an existing file may be replaced.
// Trouble: a directory 2; missing directory, not writable, full disk, existing with clobber off 125.
Outcome<OutputPath> SettleOutput(const std::string& outfile, bool clobber, const std::string& working_directory);

// The same for --capture: any name is kept as given, and stdout is no place for it.
Outcome<OutputPath> SettleCapturePath(const std::string& file, bool clobber, const std::string& working_directory);

// The text with every %p replaced by a process id.
std::string WithPid(std::string text, int pid);

}  // namespace scalene::cli
