// LaunchPlan: what `scalene run` will start, worked out from the words and the file system before anything is started.
// The program then runs as bare Python would run it: same argv, same directory, same environment but for
// `environment_changes` and what the recording itself needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/interpreter.h"
#include "cli/interpreter_check.h"
#include "cli/outcome.h"
#include "cli/program_words.h"
#include "cli/run_options.h"

namespace scalene::cli {

enum class ProgramKind : uint8_t { kFile, kDirectory, kArchive, kModule, kCode, kStdin };

struct LaunchPlan {
  ProgramKind kind = ProgramKind::kFile;
  std::string executable;         // for execve
  std::vector<std::string> argv;  // argv[0] as bare Python would see it, interpreter options, program, arguments
  Interpreter interpreter;
  InterpreterFacts interpreter_facts;

  std::string program;  // the profile's field: absolute path; "-c", "-"; for -m the module's file if found here
  std::string module;   // -m
  std::vector<std::string> display_args;  // the profile's `args`: what sys.argv and the form say, without interpreter
  std::string entrypoint_dir;             // absolute directory of the script; "" for -m, -c, -
  std::string working_directory;
  std::string root;  // R of the filter: absolute, links resolved
  std::vector<std::pair<std::string, std::optional<std::string>>> environment_changes;  // nothing: unset
};

Outcome<LaunchPlan> PlanLaunch(const ProgramWords& words, const RunOptions& options, const Surroundings& surroundings);

// Whether a word without a command would be understood as a program: a file, a directory, an interpreter, or a Python
// script on PATH. For `scalene prog.py`.
bool LooksLikeProgram(const std::string& word, const Surroundings& surroundings);

}  // namespace scalene::cli
