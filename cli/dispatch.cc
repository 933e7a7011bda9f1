#include "cli/dispatch.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "cli/help.h"
#include "cli/messages.h"
#include "cli/nearest.h"
#include "cli/program.h"
#include "cli/version.h"

namespace scalene::cli {
namespace {

int Show(std::string_view text) { return WriteAll(STDOUT_FILENO, text) ? 0 : 1; }

int ShowVersion(const Words& words) {
  bool as_json = std::ranges::find(words, "--json") != words.end();
  return Show(as_json ? VersionJson() : VersionLine());
}

int ReportUnknownCommand(const std::string& word) {
  std::vector<std::string> names;
  for (const Command& command : Commands()) {
    if (command.run) names.emplace_back(command.name);
  }
  PrintError("unknown command '" + word + "'" + DidYouMean(word, names));
  return kExitUsage;
}

}  // namespace

int Dispatch(const Words& words) {
  if (words.empty()) {
    WriteAll(STDERR_FILENO, MainHelp());
    return kExitUsage;
  }
  const std::string& first = words[0];
  if (first == "-h" || first == "--help") return Show(MainHelp());
  if (first == "--version" || first == "-V") return ShowVersion(words);
  if (const Command* command = FindCommand(first)) {
    if (!command->run) return RunUnbuiltCommand(*command);
    return command->run(Words(words.begin() + 1, words.end()));
  }
  bool is_option = !first.empty() && first[0] == '-';
  if (is_option || LooksLikeProgram(first, SurroundingsOfThisProcess())) return RunRun(words);
  return ReportUnknownCommand(first);
}

}  // namespace scalene::cli
