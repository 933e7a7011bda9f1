#include "cli/program_words.h"

#include <cstddef>

namespace scalene::cli {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Behind "python": nothing, or "3", "3.12", "3.13t", "3.13td", "3-dbg".
bool IsVersionSuffix(std::string_view suffix) {
  size_t at = 0;
  while (at < suffix.size() && (IsDigit(suffix[at]) || (suffix[at] == '.' && at > 0))) ++at;
  std::string_view flags = suffix.substr(at);
  return flags.empty() || flags == "t" || flags == "d" || flags == "td" || flags == "m" || flags == "dm" ||
         flags == "-dbg";
}

// Interpreter options that take a value, glued or as the next word.
bool TakesValue(char letter) { return letter == 'W' || letter == 'X'; }

// Reads the words of Python's own command line, one after the other.
class PythonCommandLine {
 public:
  PythonCommandLine(const std::vector<std::string>& words, size_t at, ProgramWords& program)
      : words_(words), at_(at), program_(program) {}

  // Up to and with the program; the rest are its arguments. True when a separator was dropped on the way.
  bool Read(bool options_allowed, bool may_drop) {
    bool dropped = false;
    while (at_ < words_.size() && program_.form == ProgramForm::kNone) {
      const std::string& word = words_[at_];
      if (word == "---" && may_drop && !dropped) {
        dropped = options_allowed = true;
        ++at_;
      } else if (word == "-") {
        Found(ProgramForm::kStdin, "-");
      } else if (word.size() > 1 && word[0] == '-') {
        ReadOption(options_allowed);
      } else {
        Found(ProgramForm::kFile, word);
      }
    }
    if (at_ < words_.size()) program_.arguments.assign(words_.begin() + static_cast<ptrdiff_t>(at_), words_.end());
    return dropped;
  }

 private:
  void Found(ProgramForm form, std::string target) {
    program_.form = form;
    program_.target = std::move(target);
    ++at_;
  }

  void ReadOption(bool options_allowed) {
    const std::string& word = words_[at_];
    if (word[1] == '-') {
      Keep(1);
      if (word == "--check-hash-based-pycs") Keep(1);
      return;
    }
    for (size_t i = 1; i < word.size(); ++i) {
      bool is_code = word[i] == 'c' && (options_allowed || i > 1);
      if (word[i] == 'm' || is_code) return ReadModuleOrCode(word, i, is_code);
      if (TakesValue(word[i])) return Keep(i + 1 < word.size() ? 1 : 2);
    }
    Keep(1);
  }

  // `-m mod`, `-mmod`, `-Im mod`: the letters before the m are interpreter options of their own.
  void ReadModuleOrCode(const std::string& word, size_t letter, bool is_code) {
    if (letter > 1) program_.interpreter_options.push_back(word.substr(0, letter));
    bool is_glued = letter + 1 < word.size();
    std::string target = is_glued ? word.substr(letter + 1) : "";
    if (!is_glued) {
      if (++at_ >= words_.size()) return;
      target = words_[at_];
    }
    Found(is_code ? ProgramForm::kCode : ProgramForm::kModule, std::move(target));
  }

  void Keep(size_t count) {
    for (; count > 0 && at_ < words_.size(); --count) program_.interpreter_options.push_back(words_[at_++]);
  }

  const std::vector<std::string>& words_;
  size_t at_;
  ProgramWords& program_;
};

}  // namespace

bool NamesInterpreter(std::string_view word) {
  std::string_view name = word.substr(word.find_last_of('/') + 1);
  for (std::string_view family : {"python", "pypy", "graalpy"}) {
    if (name.starts_with(family)) return IsVersionSuffix(name.substr(family.size()));
  }
  return false;
}

ProgramWords ReadProgramWords(const std::vector<std::string>& words, size_t at, bool options_allowed,
                              bool* dropped_separator) {
  ProgramWords program;
  if (at < words.size() && NamesInterpreter(words[at])) {
    program.interpreter = words[at++];
    options_allowed = true;
  }
  bool dropped = PythonCommandLine(words, at, program).Read(options_allowed, dropped_separator != nullptr);
  if (dropped_separator) *dropped_separator = dropped;
  return program;
}

}  // namespace scalene::cli
