#include "cli/terminal_style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace scalene::cli {
namespace {

std::string_view Environment(const char* name) {
  const char* value = getenv(name);
  return value ? value : "";
}

bool IsForced(const char* name) {
  std::string_view value = Environment(name);
  return !value.empty() && value != "0";
}

std::string_view EscapeCode(Style style) {
  switch (style) {
    case Style::kBold:
      return "1";
    case Style::kDim:
      return "2";
    case Style::kRed:
      return "31";
    case Style::kGreen:
      return "32";
    case Style::kYellow:
      return "33";
    case Style::kBlue:
      return "34";
    case Style::kCyan:
      return "36";
    case Style::kBoldRed:
      return "1;31";
    case Style::kPlain:
      break;
  }
  return "";
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

std::optional<ColorChoice> ParseColorChoice(std::string_view word) {
  if (word == "auto") return ColorChoice::kAuto;
  if (word == "always") return ColorChoice::kAlways;
  if (word == "never") return ColorChoice::kNever;
  return std::nullopt;
}

bool UseColor(int fd, ColorChoice choice) {
  if (choice != ColorChoice::kAuto) return choice == ColorChoice::kAlways;
  if (!Environment("NO_COLOR").empty()) return false;
  if (IsForced("FORCE_COLOR") || IsForced("CLICOLOR_FORCE")) return true;
  if (Environment("CLICOLOR") == "0") return false;
  if (Environment("TERM") == "dumb") return false;
  return isatty(fd) == 1;
}

ColorDepth DepthOfColor(int fd, ColorChoice choice) {
  if (!UseColor(fd, choice)) return ColorDepth::kNone;
  std::string_view depth = Environment("COLORTERM");
  if (depth == "truecolor" || depth == "24bit") return ColorDepth::kTrueColor;
  return Environment("TERM").find("256color") != std::string_view::npos ? ColorDepth::k256 : ColorDepth::kSixteen;
}

bool LocaleIsUtf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string_view value = Environment(name);
    if (value.empty()) continue;
    std::string lower = LowerCase(value);
    return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
  }
  return false;
}

int TerminalWidth(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  int columns = atoi(std::string(Environment("COLUMNS")).c_str());
  return columns > 0 ? columns : 80;
}

std::string Styled(std::string_view text, Style style, bool color) {
  std::string_view code = EscapeCode(style);
  if (!color || code.empty()) return std::string(text);
  std::string styled = "\033[";
  styled.append(code).append("m").append(text).append("\033[0m");
  return styled;
}

}  // namespace scalene::cli
