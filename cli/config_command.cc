// scalene config --show: every setting of `run`, its value, and where the value comes from.

#include <unistd.h>

#include <algorithm>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/help.h"
#include "cli/messages.h"

namespace scalene::cli {
namespace {

std::string Table(const std::vector<Setting>& settings) {
  size_t name_width = 0, value_width = 0;
  for (const Setting& setting : settings) {
    name_width = std::max(name_width, setting.name.size());
    value_width = std::max(value_width, std::min<size_t>(setting.value.size(), 30));
  }
  std::string text;
  for (const Setting& setting : settings) {
    std::string line = setting.name;
    line.resize(name_width + 2, ' ');
    std::string value = setting.value.empty() ? "-" : setting.value;
    value.resize(std::max(value.size(), value_width), ' ');
    text += line + value + "  " + setting.origin + "\n";
  }
  return text;
}

}  // namespace

std::string ConfigCommandHelp(bool) {
  return "usage: " + UsageOf(*FindCommand("config")) +
         "\n\n"
         "Shows every setting of 'scalene run' that is in force here, and its origin.\n"
         "\n"
         "  scalene config --show                    in this directory\n"
         "  scalene config --show -c scalene.yaml    with this file\n"
         "\n"
         "From low to high: built-in, $XDG_CONFIG_HOME/scalene/config.toml, the nearest\n"
         "pyproject.toml ([tool.scalene]), -c FILE (YAML), SCALENE_<OPTION> in the\n"
         "environment, the command line. Keys are the long option names:\n"
         "\n"
         "  [tool.scalene]\n"
         "  cpu-only = true\n"
         "  profile-exclude = [\"tests\", \"vendor\"]\n";
}

int RunConfig(const Words& words) {
  bool wants_help = !words.empty() && (words[0] == "-h" || words[0] == "--help");
  if (wants_help) return WriteAll(STDOUT_FILENO, ConfigCommandHelp(false)) ? 0 : 1;
  Words rest = words;
  if (std::erase(rest, "--show") == 0) {
    return Report({kExitUsage, "config needs --show", true}, UsageOf(*FindCommand("config")));
  }
  Outcome<RunCommandLine> line = ReadRunCommandLine(RunOptionTable(), rest);
  if (!line.ok()) return Report(line.trouble());
  Outcome<LoadedOptions> loaded = LoadRunOptions(line->options, SourcesOfThisProcess());
  if (!loaded.ok()) return Report(loaded.trouble());
  for (const std::string& warning : loaded->warnings) PrintWarning(warning);
  return WriteAll(STDOUT_FILENO, Table(Settings(loaded->options))) ? 0 : 1;
}

}  // namespace scalene::cli
