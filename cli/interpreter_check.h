// What a file that should be a Python interpreter is, found out from the file alone: nothing is run. Whether it can be
// profiled follows from that (rulings: known to be unsupported before the start is 125, unknown is started).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/outcome.h"

namespace scalene::cli {

enum class InterpreterKind : uint8_t { kCPython, kPyPy, kGraalPy, kScript, kUnknown };

struct PythonVersion {
  int major = 0, minor = 0;
  auto operator<=>(const PythonVersion&) const = default;
};
inline constexpr PythonVersion kOldestPython{3, 8}, kNewestPython{3, 15};

struct InterpreterFacts {
  InterpreterKind kind = InterpreterKind::kUnknown;  // kScript: a shim such as pyenv's, started as it is
  std::optional<PythonVersion> version;              // from the file's name, its libpython or its debug offsets
  bool is_elf = false;
  std::string foreign_machine;  // "aarch64"; empty when it is ours
  bool is_static = false;       // cannot be entered by preloading
  bool is_setuid = false;       // ditto
  std::string sanitizer;        // "libasan.so.8": must be loaded before all others; empty when there is none
};

InterpreterFacts InspectInterpreter(const std::string& path);

// Why this interpreter cannot be profiled, if that is known. `program` is the program as the user wrote it.
std::optional<Trouble> WhyUnsupported(const InterpreterFacts& facts, const std::string& path,
                                      const std::string& program);

// "3.12" behind "python", "libpython", "pypy" in a file name.
std::optional<PythonVersion> VersionInName(std::string_view name);

std::string VersionText(PythonVersion version);

}  // namespace scalene::cli
