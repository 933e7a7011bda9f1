// A program that is run for its answer: fed on its standard input, read as it speaks, killed when nobody wants the rest.
// Threads: any; each call is on its own.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace scalene::advise {

struct ChildRequest {
  std::vector<std::string> words;        // the program, looked up in PATH, and its arguments
  std::vector<std::string> environment;  // "NAME=value"
  std::string_view input;
  bool with_children = false;  // what it has started is killed with it
};

struct ChildEnd {
  enum class Kind : uint8_t { kExited, kSignalled, kStopped, kUnwanted, kNotStarted } kind = Kind::kNotStarted;
  int number = 0;  // exit status, or signal
};

// False: nothing more is wanted.
using ByteSink = std::function<bool(std::string_view)>;

ChildEnd RunChild(const ChildRequest& request, const ByteSink& out, const ByteSink& error,
                  const std::atomic<bool>& stopped);

// Those of this process's environment that are set.
std::vector<std::string> EnvironmentOf(const std::vector<const char*>& names);

}  // namespace scalene::advise
