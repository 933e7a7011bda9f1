#include "cli/messages.h"

#include <unistd.h>

#include <cerrno>
#include <string>

namespace scalene::cli {
namespace {

ColorChoice g_color = ColorChoice::kAuto;

void PrintLine(std::string_view label, Style style, std::string_view sentence) {
  std::string line = Styled("Scalene:", style, UseColor(STDERR_FILENO, g_color));
  line.append(label).append(" ").append(sentence).append("\n");
  WriteAll(STDERR_FILENO, line);
}

}  // namespace

void SetMessageColor(ColorChoice choice) { g_color = choice; }

void PrintError(std::string_view sentence) { PrintLine("", Style::kBoldRed, sentence); }

void PrintWarning(std::string_view sentence) { PrintLine(" warning:", Style::kYellow, sentence); }

void PrintNotice(std::string_view sentence) { PrintLine("", Style::kBold, sentence); }

int Report(const Trouble& trouble, std::string_view usage) {
  PrintError(trouble.text);
  if (trouble.with_usage && !usage.empty()) {
    std::string line = "usage: ";
    line.append(usage).append("\n");
    WriteAll(STDERR_FILENO, line);
  }
  return trouble.exit_status;
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = write(fd, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace scalene::cli
