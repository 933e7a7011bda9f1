// ProgramWords: the part of the command line that names the program, read the way the interpreter itself reads it.
//
//   prog.py a b        -m pkg.mod a b        -c CODE a b        - a b        python3.12 -X dev -u prog.py a b
//
// Only words are looked at, no file is touched.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scalene::cli {

enum class ProgramForm : uint8_t { kNone, kFile, kModule, kCode, kStdin };

struct ProgramWords {
  std::string interpreter;                       // as written; empty when none was named
  std::vector<std::string> interpreter_options;  // -u -X dev …, unchanged and in order
  ProgramForm form = ProgramForm::kNone;
  std::string target;                  // file, module or code, as written
  std::vector<std::string> arguments;  // unchanged
};

// Whether a word names an interpreter: python, python3, python3.12, python3.13t, pypy3, graalpy, also behind a path.
bool NamesInterpreter(std::string_view word);

// Reads words from `at` on. `options_allowed`: interpreter options, -c included, may stand before the program even when
// no interpreter was named (the words stand behind `---`).
// `dropped_separator`: when given, one "---" before the program is dropped, and it says whether there was one.
ProgramWords ReadProgramWords(const std::vector<std::string>& words, size_t at, bool options_allowed,
                              bool* dropped_separator);

}  // namespace scalene::cli
