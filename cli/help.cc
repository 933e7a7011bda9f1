#include "cli/help.h"

#include <algorithm>

namespace scalene::cli {
namespace {

constexpr size_t kHelpColumn = 27;

}  // namespace

std::string Wrapped(std::string_view text, size_t column, size_t indent, size_t width) {
  std::string lines;
  while (!text.empty()) {
    size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    bool begins_line = lines.empty() || lines.back() == ' ';
    if (!begins_line && column + 1 + word.size() > width) {
      lines.append("\n").append(indent, ' ');
      column = indent;
    } else if (!begins_line) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines;
}

std::string OptionHeading(const OptionSpec& spec) {
  std::string positive = "--" + std::string(spec.name);
  std::string negative = "--" + OppositeName(spec);
  std::string heading;
  if (spec.letter) heading = std::string("-") + spec.letter + ", ";
  switch (spec.shown) {
    case ShownAs::kPositive:
      heading += positive;
      break;
    case ShownAs::kNegative:
      heading += negative;
      break;
    case ShownAs::kBoth:
      heading += positive + ", " + negative;
      break;
  }
  if (!spec.argument.empty()) heading.append(" ").append(spec.argument);
  return heading;
}

std::string HelpPhrase(const OptionSpec& spec, bool opposite) {
  return (opposite && spec.negative.empty() ? "do not " : "") + std::string(spec.help);
}

std::string HelpSentence(const OptionSpec& spec) {
  std::string sentence = HelpPhrase(spec, spec.shown == ShownAs::kNegative);
  bool shows_default = !spec.standard.empty() && spec.kind != ValueKind::kSwitch;
  if (shows_default) sentence.append(" (default: ").append(spec.standard).append(")");
  return sentence;
}

std::string OptionHelp(const OptionTable& table, HelpBlock block) {
  std::string text;
  for (const OptionSpec* spec : table) {
    if (spec->block != block) continue;
    std::string heading = (spec->letter ? "  " : "      ") + OptionHeading(*spec);
    if (heading.size() + 2 > kHelpColumn) {
      heading.append("\n").append(kHelpColumn, ' ');
    } else {
      heading.resize(kHelpColumn, ' ');
    }
    text += heading + Wrapped(HelpSentence(*spec), kHelpColumn, kHelpColumn) + "\n";
  }
  return text;
}

std::string UsageOf(const Command& command) {
  std::string usage = "scalene " + std::string(command.name);
  if (!command.arguments.empty()) usage.append(" ").append(command.arguments);
  return usage;
}

std::string MainHelp() {
  std::string text =
      "usage: scalene COMMAND ...\n"
      "\n"
      "Scalene shows where a Python program spends its time, line by line.\n"
      "\n"
      "  scalene run prog.py --its-own-option     profile a program\n"
      "  scalene view --cli                       show the profile in the terminal\n"
      "\n"
      "commands:\n";
  for (const Command& command : Commands()) {
    if (!command.run) continue;
    std::string name = "  " + std::string(command.name);
    name.resize(15, ' ');
    text += name + Wrapped(command.summary, 15, 15) + "\n";
  }
  text +=
      "\n"
      "'scalene help COMMAND' says more about one of them. A program in place of a\n"
      "command means run: 'scalene prog.py', 'scalene -m module'.\n"
      "\n"
      "  -h, --help     show this help\n"
      "  --version      show the version; with --json, what this build can do\n";
  return text;
}

}  // namespace scalene::cli
