#include "cli/command_line.h"

#include <algorithm>

namespace scalene::cli {
namespace {

bool IsHelp(const GivenOption& given) { return given.spec->name.starts_with("help"); }

// -u, -O, -X …: what the interpreter would have understood.
bool LooksLikePythonOption(const std::string& word) {
  return word.size() >= 2 && word[0] == '-' &&
         std::string_view("bBdEiIOPqRsSuvVWxX").find(word[1]) != std::string::npos;
}

Trouble NotAnOption(const OptionTable& table, const std::string& word) {
  if (!LooksLikePythonOption(word)) return UnknownOption(table, word);
  return {kExitUsage, "unknown option '" + word +
                          "'; options of the interpreter stand behind its name: scalene run python3 " + word + " ..."};
}

// Takes our options from words[at] on, until the program or a separator. True in *separated when a separator ended them.
std::optional<Trouble> TakeOwnOptions(const OptionTable& table, const std::vector<std::string>& words, size_t& at,
                                      std::vector<GivenOption>& options, bool* separated) {
  while (at < words.size()) {
    const std::string& word = words[at];
    if (word == "---" || word == "--") {
      *separated = true;
      ++at;
      return std::nullopt;
    }
    bool begins_program = word.empty() || word[0] != '-' || word == "-" || word.starts_with("-m");
    if (begins_program) return std::nullopt;
    Outcome<std::optional<GivenOption>> taken = TakeOption(table, words, at);
    if (!taken.ok()) return taken.trouble();
    if (!taken.value()) return NotAnOption(table, word);
    options.push_back(*std::move(taken).value());
    if (IsHelp(options.back())) return std::nullopt;
  }
  return std::nullopt;
}

// With a separator among the program's arguments: options of ours before it are ours, and the separator goes.
std::optional<Trouble> TakeOptionsBeforeSeparator(const OptionTable& table, std::vector<std::string>& arguments,
                                                  std::vector<GivenOption>& options) {
  auto separator = std::ranges::find(arguments, "---");
  if (separator == arguments.end()) return std::nullopt;
  std::vector<std::string> between(arguments.begin(), separator);
  std::vector<std::string> kept;
  for (size_t at = 0; at < between.size();) {
    Outcome<std::optional<GivenOption>> taken = TakeOption(table, between, at, Spelling::kWholeWords);
    if (!taken.ok()) return taken.trouble();
    if (taken.value()) {
      options.push_back(*std::move(taken).value());
    } else {
      kept.push_back(between[at++]);
    }
  }
  kept.insert(kept.end(), separator + 1, arguments.end());
  arguments = std::move(kept);
  return std::nullopt;
}

std::string FirstStrayOption(const OptionTable& table, const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::vector<std::string> word = {arguments[i], ""};  // a value behind it is not our concern
    size_t at = 0;
    Outcome<std::optional<GivenOption>> taken = TakeOption(table, word, at, Spelling::kWholeWords);
    bool is_ours = taken.ok() && taken.value() && taken.value()->spec->block != HelpBlock::kIgnored;
    if (is_ours) return taken.value()->as_written;
  }
  return "";
}

}  // namespace

Outcome<RunCommandLine> ReadRunCommandLine(const OptionTable& table, const std::vector<std::string>& words) {
  RunCommandLine line;
  size_t at = 0;
  bool separated = false;
  if (auto trouble = TakeOwnOptions(table, words, at, line.options, &separated)) return *trouble;
  if (!line.options.empty() && IsHelp(line.options.back())) return line;

  bool dropped = false;
  line.program = ReadProgramWords(words, at, separated, separated ? nullptr : &dropped);
  separated = separated || dropped;
  if (separated) return line;

  size_t words_before = line.program.arguments.size();
  if (auto trouble = TakeOptionsBeforeSeparator(table, line.program.arguments, line.options)) return *trouble;
  separated = line.program.arguments.size() != words_before;
  if (!separated) line.stray_option = FirstStrayOption(table, line.program.arguments);
  return line;
}

}  // namespace scalene::cli
