#include "cli/commands.h"

#include "cli/messages.h"

namespace scalene::cli {
namespace {

constexpr Command kCommands[] = {
    {"run", "[options] PROGRAM [args]", "profile a program, write a profile", RunRun, RunOptionTable, RunCommandHelp},
    {"view", "[options] [PROFILE]", "show a profile", RunView, ViewOptionTable, ViewCommandHelp},
    {"advise", "[options] [PROFILE]", "ask an AI service for a faster region", RunAdvise, AdviseOptionTable,
     AdviseCommandHelp},
    {"dump", "[options] CAPTURE", "show the raw records of a run as text", RunDump, DumpOptionTable, DumpCommandHelp},
    {"on", "PID", "resume the profiling of a running program", RunOn, nullptr, OnCommandHelp},
    {"off", "PID", "suspend it; what happens meanwhile is in no metric", RunOff, nullptr, OffCommandHelp},
    {"status", "PID", "say whether a program is being profiled", RunStatus, nullptr, StatusCommandHelp},
    {"doctor", "", "check that profiling works on this machine", RunDoctor, nullptr, DoctorCommandHelp},
    {"config", "--show [run options]", "show every setting and where it comes from", RunConfig, nullptr,
     ConfigCommandHelp},
    {"completions", "bash|zsh|fish", "write shell completions to stdout", RunCompletions, nullptr,
     CompletionsCommandHelp},
    {"help", "[COMMAND]", "explain a command", RunHelp},
    // Names that later versions fill. Until then they are refused by name and not offered anywhere.
    {"attach"},
    {"merge"},
    {"diff"},
    {"export"},
    {"selftest"},
    {"top"},
};

}  // namespace

std::span<const Command> Commands() { return kCommands; }

const Command* FindCommand(std::string_view name) {
  for (const Command& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

int RunUnbuiltCommand(const Command& command) {
  PrintError("'" + std::string(command.name) + "' is not part of this version yet.");
  return kExitUsage;
}

}  // namespace scalene::cli
