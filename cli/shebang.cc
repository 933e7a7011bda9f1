#include "cli/shebang.h"

#include <algorithm>
#include <cstddef>

#include "cli/program_words.h"

namespace scalene::cli {
namespace {

std::vector<std::string> SplitAtBlanks(std::string_view line) {
  std::vector<std::string> words;
  for (size_t at = 0; at < line.size();) {
    size_t start = line.find_first_not_of(" \t\r", at);
    if (start == line.npos) break;
    size_t end = std::min(line.find_first_of(" \t\r", start), line.size());
    words.emplace_back(line.substr(start, end - start));
    at = end;
  }
  return words;
}

std::string_view BaseName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

// Drops what `env` takes for itself: options and NAME=value.
void DropEnvWords(std::vector<std::string>& words) {
  size_t at = 1;
  while (at < words.size() && (words[at][0] == '-' || words[at].find('=') != std::string::npos)) ++at;
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at));
}

// Second line of pip's shell form: '''exec' "/path with blanks/python3" "$0" "$@"
std::string InterpreterOfExecLine(std::string_view line) {
  constexpr std::string_view kStart = "'''exec' ";
  if (!line.starts_with(kStart)) return "";
  line.remove_prefix(kStart.size());
  bool is_quoted = line.starts_with('"');
  if (is_quoted) line.remove_prefix(1);
  return std::string(line.substr(0, line.find(is_quoted ? '"' : ' ')));
}

}  // namespace

Shebang ReadShebang(std::string_view text) {
  if (!text.starts_with("#!")) return {};
  size_t end = text.find('\n');
  std::vector<std::string> words = SplitAtBlanks(text.substr(2, end == text.npos ? end : end - 2));
  if (!words.empty() && BaseName(words[0]) == "env") DropEnvWords(words);
  if (words.empty()) return {};
  std::string_view rest = end == text.npos ? "" : text.substr(end + 1);
  std::string exec_interpreter = InterpreterOfExecLine(rest.substr(0, rest.find('\n')));
  if (NamesInterpreter(exec_interpreter)) return {ShebangKind::kPython, exec_interpreter, {}};
  if (!NamesInterpreter(words[0])) return {ShebangKind::kOther, words[0], {}};
  return {ShebangKind::kPython, words[0], {words.begin() + 1, words.end()}};
}

}  // namespace scalene::cli
