// Which Python interpreter runs the program. First that applies: --python · the interpreter named as first word, or in the
// script's #! line · SCALENE_PYTHON · the active environment · beside this executable · python3, then python, on PATH.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/outcome.h"

namespace scalene::cli {

// What the choice depends on beside the command line. Tests make their own.
struct Surroundings {
  std::string working_directory;
  std::string path;            // PATH
  std::string python_path;     // PYTHONPATH
  std::string scalene_python;  // SCALENE_PYTHON
  std::string virtual_env;     // VIRTUAL_ENV
  std::string conda_prefix;    // CONDA_PREFIX
  std::string own_directory;   // of this executable
};
Surroundings SurroundingsOfThisProcess();

struct Interpreter {
  std::string path;    // for execve
  std::string argv0;   // what bare Python would have seen
  std::string reason;  // "--python", "VIRTUAL_ENV", … for `doctor` and messages
};

struct InterpreterWishes {
  std::string python_option;  // --python
  std::string named;          // first word, or interpreter of the #! line
  std::string named_reason;   // "command line" or "#! line"
};

// Trouble: not found is 127, found but not executable 126.
Outcome<Interpreter> ChooseInterpreter(const InterpreterWishes& wishes, const Surroundings& surroundings);

}  // namespace scalene::cli
