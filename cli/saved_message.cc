#include "cli/saved_message.h"

#include "cli/run_options.h"

namespace scalene::cli {

std::string SavedMessage(std::string_view display) {
  bool is_default = display == RunOptions().outfile;
  bool looks_like_option = display.starts_with('-');
  std::string name = (looks_like_option ? "./" : "") + std::string(display);
  std::string argument = is_default ? "" : " " + ShellQuoted(name);
  std::string message = "Scalene: profile saved to ";
  message.append(display).append("\n");
  message += "  To view in browser:  scalene view" + argument + "\n";
  message += "  To view in terminal: scalene view --cli" + argument + "\n";
  return message;
}

std::string ShellQuoted(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return std::string(word);
  std::string quoted = "'";
  for (char c : word) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

}  // namespace scalene::cli
