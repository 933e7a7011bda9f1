// Launcher: starts the program as bare Python would start it, and watches it without getting in the way.
// The program keeps standard streams, process group, controlling terminal and signal dispositions; it finds LD_PRELOAD and
// SCALENE_COLLECTOR in its environment and nothing else.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace scalene::collector {

struct LaunchRequest {
  std::string executable;
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::optional<std::string>>> environment_changes;  // nothing: unset
  std::string agent_path;                                                               // without blanks and colons
  std::string collector_address;                                                        // value of SCALENE_COLLECTOR
  std::string sanitizer;  // the library that the executable needs loaded first; "": none
};

// How the program ended: by exit with a status, or by a signal.
struct ProgramEnd {
  std::optional<int> status, signal;
};

// The new process, already running the program (its image has been replaced), or why that failed.
struct Launched {
  pid_t pid = 0;
  int error = 0;  // errno when the program could not be started; then pid is 0
};

// Call with signals as the program is to inherit them saved by SignalRelay. Flushes nothing.
Launched Launch(const LaunchRequest& request);

// Whether the first of these libraries, as in LD_PRELOAD, is a sanitizer's runtime. Those end the program unless they are
// loaded first.
bool BeginsWithSanitizer(const std::string& preload);

// Dies (or exits) as the program did, so that our parent sees exactly what it would see from bare Python. Does not return.
[[noreturn]] void EndLike(const ProgramEnd& end);

}  // namespace scalene::collector
