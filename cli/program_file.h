// ProgramFile: the word that names the program, found in the file system.
#pragma once

#include <cstdint>
#include <string>

#include "cli/interpreter.h"
#include "cli/outcome.h"
#include "cli/shebang.h"

namespace scalene::cli {

enum class ProgramFileKind : uint8_t { kScript, kDirectory, kArchive };

struct ProgramFile {
  std::string argument;  // what the interpreter gets: the word as written, or its place on PATH
  std::string path;      // absolute
  ProgramFileKind kind = ProgramFileKind::kScript;
  Shebang shebang;  // of a script without .py
};

// Trouble with its text: not found 127 (with the nearest file name), not readable 126, a directory without __main__.py
// 126, no Python program 126.
Outcome<ProgramFile> FindProgramFile(const std::string& word, const Surroundings& surroundings);

}  // namespace scalene::cli
