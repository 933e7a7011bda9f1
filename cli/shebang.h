// The first line of a script: which interpreter it asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scalene::cli {

enum class ShebangKind : uint8_t { kNone, kPython, kOther };

struct Shebang {
  ShebangKind kind = ShebangKind::kNone;
  std::string interpreter;           // kPython: a path, or a name to be looked up on PATH; kOther: the program named
  std::vector<std::string> options;  // kPython: of the interpreter
};

// Understands "#!/usr/bin/python3 -u", "#!/usr/bin/env [-S] [NAME=value] python3 …" and the "#!/bin/sh" scripts that pip
// writes when the interpreter's path has blanks or is long.
Shebang ReadShebang(std::string_view beginning_of_file);

// How much of the beginning of a file ReadShebang wants to see.
inline constexpr size_t kShebangBytes = 1024;

}  // namespace scalene::cli
