// The command line of `scalene run`, taken apart: our options · the program · its arguments. Only words are looked at.
//
//   run [our options] PROGRAM [args]              every word behind PROGRAM is the program's
//   run [our options] PROGRAM [words] --- [args]  options of ours among the words are ours, the other words the program's
//   run [our options] --- [python options] PROGRAM [args]     everything behind the separator is the program's
#pragma once

#include <string>
#include <vector>

#include "cli/option_spec.h"
#include "cli/program_words.h"

namespace scalene::cli {

struct RunCommandLine {
  std::vector<GivenOption> options;  // in order
  ProgramWords program;
  std::string stray_option;  // first word of the program that is exactly an option of ours; "" if there is none
};

Outcome<RunCommandLine> ReadRunCommandLine(const OptionTable& table, const std::vector<std::string>& words);

}  // namespace scalene::cli
