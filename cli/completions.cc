// scalene completions SHELL: scripts made from the list of commands and their option tables.

#include <unistd.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/nearest.h"

namespace scalene::cli {
namespace {

struct CompletedName {
  std::string name;  // long name without dashes
  const OptionSpec* spec;
  bool is_opposite;
};

// The names that the help shows, one by one.
std::vector<CompletedName> ShownNames(const OptionTable& table) {
  std::vector<CompletedName> names;
  for (const OptionSpec* spec : table) {
    bool is_shown = spec->block == HelpBlock::kBasic || spec->block == HelpBlock::kAdvanced;
    if (!is_shown) continue;
    if (spec->shown != ShownAs::kNegative) names.push_back({std::string(spec->name), spec, false});
    if (spec->shown != ShownAs::kPositive) names.push_back({OppositeName(*spec), spec, true});
  }
  return names;
}

OptionTable TableOf(const Command& command) { return command.options ? command.options() : OptionTable(); }

std::string CommandNames() {
  std::string names;
  for (const Command& command : Commands()) {
    if (command.run) names += (names.empty() ? "" : " ") + std::string(command.name);
  }
  return names;
}

// The text inside single quotes of a shell.
std::string InSingleQuotes(std::string_view text) {
  std::string quoted;
  for (char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted;
}

std::string ChoicesWithBlanks(const OptionSpec& spec) {
  std::string choices(spec.choices);
  for (char& c : choices) {
    if (c == '|') c = ' ';
  }
  return choices;
}

// What follows an option: the case labels of options with a choice, and of those that take anything else.
std::string BashValueCases() {
  std::string cases, takes_file;
  for (const Command& command : Commands()) {
    for (const OptionSpec* spec : TableOf(command)) {
      if (spec->kind == ValueKind::kSwitch || spec->block == HelpBlock::kIgnored) continue;
      std::string label = "--" + std::string(spec->name);
      if (spec->letter) label += std::string("|-") + spec->letter;
      if (spec->kind == ValueKind::kChoice) {
        cases +=
            "    " + label + ") COMPREPLY=($(compgen -W '" + ChoicesWithBlanks(*spec) + "' -- \"$word\")); return ;;\n";
      } else {
        takes_file += (takes_file.empty() ? "" : "|") + label;
      }
    }
  }
  return cases + "    " + takes_file + ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n";
}

std::string BashScript() {
  std::string script =
      "_scalene() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} options=\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '" +
      CommandNames() +
      "' -- \"$word\") $(compgen -f -X '!*.py' -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case $before in\n" +
      BashValueCases() +
      "  esac\n"
      "  case $command in\n";
  for (const Command& command : Commands()) {
    std::string options;
    for (const CompletedName& name : ShownNames(TableOf(command))) options += " --" + name.name;
    if (!options.empty()) script += "    " + std::string(command.name) + ") options='" + options.substr(1) + "' ;;\n";
  }
  script +=
      "    config) options='--show' ;;\n"
      "    completions) options='bash zsh fish' ;;\n"
      "    help) options='" +
      CommandNames() +
      "' ;;\n"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
      "  [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- \"$word\"))\n"
      "}\n"
      "complete -o filenames -F _scalene scalene\n";
  return script;
}

// In a _arguments specification brackets and colons have a meaning.
std::string ZshText(std::string_view text) {
  std::string escaped;
  for (char c : InSingleQuotes(text)) {
    if (c == '[' || c == ']' || c == ':') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string ZshOption(const CompletedName& name) {
  std::string entry = "        '--" + name.name + "[" + ZshText(HelpPhrase(*name.spec, name.is_opposite)) + "]";
  if (name.spec->kind == ValueKind::kSwitch) return entry + "' \\\n";
  entry += ":" + ZshText(name.spec->argument) + ":";
  bool is_choice = name.spec->kind == ValueKind::kChoice;
  return entry + (is_choice ? "(" + ChoicesWithBlanks(*name.spec) + ")" : "_files") + "' \\\n";
}

std::string ZshScript() {
  std::string script =
      "#compdef scalene\n"
      "_scalene() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command& command : Commands()) {
    if (!command.run) continue;
    script += "    '" + std::string(command.name) + ":" + InSingleQuotes(command.summary) + "'\n";
  }
  script +=
      "  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    _files -g '*.py'\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $command in\n";
  for (const Command& command : Commands()) {
    if (!command.options) continue;
    script += "    " + std::string(command.name) + ")\n      _arguments \\\n";
    for (const CompletedName& name : ShownNames(TableOf(command))) script += ZshOption(name);
    script += "        '*:file:_files' ;;\n";
  }
  script +=
      "    config) _arguments '--show[show every setting]' ;;\n"
      "    completions) _values shell bash zsh fish ;;\n"
      "    help) _describe command commands ;;\n"
      "  esac\n"
      "}\n"
      "_scalene \"$@\"\n";
  return script;
}

std::string FishOption(std::string_view command, const CompletedName& name) {
  std::string line =
      "complete -c scalene -n '__fish_seen_subcommand_from " + std::string(command) + "' -l " + name.name;
  if (name.spec->letter) line += std::string(" -s ") + name.spec->letter;
  if (name.spec->kind == ValueKind::kChoice)
    line += " -x -a '" + ChoicesWithBlanks(*name.spec) + "'";
  else if (name.spec->kind != ValueKind::kSwitch)
    line += " -r";
  return line + " -d '" + InSingleQuotes(HelpPhrase(*name.spec, name.is_opposite)) + "'\n";
}

std::string FishScript() {
  std::string script;
  for (const Command& command : Commands()) {
    if (!command.run) continue;
    script += "complete -c scalene -n __fish_use_subcommand -a " + std::string(command.name) + " -d '" +
              InSingleQuotes(command.summary) + "'\n";
  }
  for (const Command& command : Commands()) {
    for (const CompletedName& name : ShownNames(TableOf(command))) script += FishOption(command.name, name);
  }
  script += "complete -c scalene -n '__fish_seen_subcommand_from config' -l show -d 'show every setting'\n";
  script += "complete -c scalene -n '__fish_seen_subcommand_from completions' -x -a 'bash zsh fish'\n";
  script += "complete -c scalene -n '__fish_seen_subcommand_from help' -x -a '" + CommandNames() + "'\n";
  return script;
}

struct Shell {
  std::string_view name;
  std::string (*script)();
};
constexpr Shell kShells[] = {{"bash", BashScript}, {"zsh", ZshScript}, {"fish", FishScript}};

}  // namespace

std::string CompletionsCommandHelp(bool) {
  return "usage: " + UsageOf(*FindCommand("completions")) +
         "\n\n"
         "Writes a completion script to stdout.\n"
         "\n"
         "  scalene completions bash > ~/.local/share/bash-completion/completions/scalene\n"
         "  scalene completions zsh  > ~/.zfunc/_scalene\n"
         "  scalene completions fish > ~/.config/fish/completions/scalene.fish\n";
}

int RunCompletions(const Words& words) {
  std::string word = words.empty() ? "" : words[0];
  if (word == "-h" || word == "--help") return WriteAll(STDOUT_FILENO, CompletionsCommandHelp(false)) ? 0 : 1;
  std::vector<std::string> names;
  for (const Shell& shell : kShells) {
    if (word == shell.name) return WriteAll(STDOUT_FILENO, shell.script()) ? 0 : 1;
    names.emplace_back(shell.name);
  }
  std::string usage = UsageOf(*FindCommand("completions"));
  if (word.empty()) return Report({kExitUsage, "completions needs the name of a shell", true}, usage);
  return Report({kExitUsage, "unknown shell '" + word + "'" + DidYouMean(word, names), true}, usage);
}

}  // namespace scalene::cli
