// scalene help [COMMAND]. `help --man` writes the manual page; the build installs what it prints.

#include <unistd.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/nearest.h"

namespace scalene::cli {
namespace {

int Show(std::string_view text) { return WriteAll(STDOUT_FILENO, text) ? 0 : 1; }

int ShowCommandHelp(const Command& command) {
  if (command.help) return Show(command.help(false));
  return Show("usage: " + UsageOf(command) + "\n\n" + Wrapped(command.summary, 0, 0) + "\n");
}

}  // namespace

int RunHelp(const Words& words) {
  if (words.empty() || words[0] == "-h" || words[0] == "--help") return Show(MainHelp());
  if (words[0] == "--man") return Show(ManualPage());
  const Command* command = FindCommand(words[0]);
  if (command && command->run) return ShowCommandHelp(*command);
  if (command) return RunUnbuiltCommand(*command);
  std::vector<std::string> names;
  for (const Command& known : Commands()) {
    if (known.run) names.emplace_back(known.name);
  }
  PrintError("unknown command '" + words[0] + "'" + DidYouMean(words[0], names));
  return kExitUsage;
}

}  // namespace scalene::cli
