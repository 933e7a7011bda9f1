// The list of commands: one line per command here, one file per command beside it.
// A command gets the words after its name and returns the exit status of `scalene`. It prints by itself: what was asked
// for on stdout, everything else through messages.h on stderr.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_spec.h"

namespace scalene::cli {

using Words = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view arguments;                // as in a usage line: "[options] PROGRAM [args]"
  std::string_view summary;                  // one line
  int (*run)(const Words& words) = nullptr;  // null: the name is kept for a later version, help does not show it
  OptionTable (*options)() = nullptr;        // null: none worth completing
  std::string (*help)(bool advanced) = nullptr;
};

std::span<const Command> Commands();

// Null when there is no command of that name. Commands of later versions are found too.
const Command* FindCommand(std::string_view name);

// The line for a name that is kept for a later version; exit status 2.
int RunUnbuiltCommand(const Command& command);

// The commands, each in the file of its name.
int RunRun(const Words& words);
int RunView(const Words& words);
int RunAdvise(const Words& words);
int RunDump(const Words& words);
int RunOn(const Words& words);
int RunOff(const Words& words);
int RunStatus(const Words& words);
int RunDoctor(const Words& words);
int RunConfig(const Words& words);
int RunCompletions(const Words& words);
int RunHelp(const Words& words);

// Tables that completions, help and the man page read. ViewOptionTable is defined beside RunView.
OptionTable RunOptionTable();
OptionTable ViewOptionTable();
OptionTable AdviseOptionTable();
OptionTable DumpOptionTable();

std::string RunCommandHelp(bool advanced);
std::string ViewCommandHelp(bool advanced);
std::string AdviseCommandHelp(bool advanced);
std::string DumpCommandHelp(bool advanced);
std::string OnCommandHelp(bool advanced);
std::string OffCommandHelp(bool advanced);
std::string StatusCommandHelp(bool advanced);
std::string DoctorCommandHelp(bool advanced);
std::string ConfigCommandHelp(bool advanced);
std::string CompletionsCommandHelp(bool advanced);

}  // namespace scalene::cli
