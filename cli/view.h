// scalene view: shows a profile. What its command line asks for, once read and checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/outcome.h"
#include "cli/terminal_style.h"
#include "render/html.h"
#include "render/terminal.h"

namespace scalene::cli {

struct ViewRequest {
  std::string profile;  // "" when none was named
  std::string before;   // an older one to compare it with; "" when none was named
  bool help = false;
  bool terminal = false;   // --cli
  bool page_file = false;  // --html, --standalone
  bool plain = false;
  bool browser = true;
  bool keep = false;  // serve on when the last page has gone
  int port = 0;       // 0: a free one
  bool redact_paths = false;
  std::string outfile;                       // of a written page; "" is the standard name
  std::optional<std::string> max_size;       // as written
  std::vector<std::string> ai_origins;       // as written
  std::optional<std::string> check_command;  // tests of the user's own, for proposals
  render::HtmlOptions page;
  size_t width = 0;  // 0: the terminal's
  ColorChoice color = ColorChoice::kAuto;
  render::TerminalOptions shown;  // what the options say; colours and width come from the terminal
};

Outcome<ViewRequest> ReadViewCommandLine(const Words& words);

}  // namespace scalene::cli
