// scalene.1, written from the same tables as the help.

#include "cli/help.h"
#include "cli/version.h"

namespace scalene::cli {
namespace {

// A dash that can be copied, and no accidental requests at the beginning of a line.
std::string Roff(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    bool begins_line = escaped.empty() || escaped.back() == '\n';
    if (begins_line && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '-')
      escaped += "\\-";
    else if (c == '\\')
      escaped += "\\e";
    else
      escaped += c;
  }
  return escaped;
}

std::string OptionEntries(const OptionTable& table) {
  std::string text;
  for (const OptionSpec* spec : table) {
    if (spec->block != HelpBlock::kBasic && spec->block != HelpBlock::kAdvanced) continue;
    text += ".TP\n.B " + Roff(OptionHeading(*spec)) + "\n";
    text += Roff(HelpSentence(*spec)) + "\n";
  }
  return text;
}

}  // namespace

std::string ManualPage() {
  std::string page = ".TH SCALENE 1 \"" + std::string(kReleaseDate) + "\" \"Scalene " + std::string(kVersion) + "\"\n";
  page += ".SH NAME\nscalene \\- profile Python programs line by line\n.SH SYNOPSIS\n";
  for (const Command& command : Commands()) {
    if (command.run) page += ".B " + Roff(UsageOf(command)) + "\n.br\n";
  }
  page +=
      ".SH DESCRIPTION\nScalene runs a Python program in its own, unmodified interpreter and shows where its time "
      "goes.\n.SH COMMANDS\n";
  for (const Command& command : Commands()) {
    if (!command.run) continue;
    page += ".TP\n.B " + Roff(command.name) + "\n" + Roff(command.summary) + "\n";
  }
  for (const Command& command : Commands()) {
    if (!command.run || !command.options) continue;
    page += ".SH OPTIONS OF " + Roff(command.name) + "\n" + OptionEntries(command.options());
  }
  page +=
      ".SH FILES\n.TP\n.I $XDG_CONFIG_HOME/scalene/config.toml\noptions of this user\n"
      ".TP\n.I pyproject.toml\noptions of a project, in the table [tool.scalene]\n"
      ".SH ENVIRONMENT\n.TP\n.B SCALENE_OPTION\nan option by its name in capitals, such as SCALENE_CPU_ONLY=1\n"
      ".TP\n.B NO_COLOR, FORCE_COLOR\ncolours of our own lines\n"
      ".SH EXIT STATUS\nThat of the program. 2 for a wrong command line or configuration, 125 when Scalene itself "
      "cannot start, 126 when the program cannot be run, 127 when it cannot be found.\n";
  return page;
}

}  // namespace scalene::cli
