// Whether a proposal is good: Python compiles it, and the user's own tests pass with it. Nothing runs but that: the
// interpreter is looked up by the version of the profiled one, never by a path that a profile names, and the command is the
// one of this process's command line.
// Threads: any; each call is on its own.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

namespace scalene::cli {

struct CheckReport {
  bool ok = true;
  std::string sentence;
};

// `version`: "3.12.1", of the profiled interpreter. What did not compile before need not now.
CheckReport CheckSyntax(const std::string& before, const std::string& now, const std::string& version,
                        const std::atomic<bool>& stopped);

// In a shell, in this process's folder; `sink` gets both of its outputs as they come.
CheckReport RunCheckCommand(const std::string& command, const std::function<void(std::string_view)>& sink,
                            const std::atomic<bool>& stopped);

}  // namespace scalene::cli
