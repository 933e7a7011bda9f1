// The profile in a terminal: per file a table of lines with their metrics beside the source, busiest file first, then its
// functions; at the end what is missing from the picture. Text in, text out: whether colours and wide characters may be
// used is the caller's knowledge.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "profile/document.h"
#include "render/terminal_columns.h"
#include "render/terminal_palette.h"

namespace scalene::render {

struct TerminalOptions {
  size_t width = 80;      // of the terminal, in cells
  bool wide = false;      // cut nothing and leave no column out
  bool ascii = false;     // nothing beyond ASCII
  bool markdown = false;  // tables for a text that renders Markdown
  ColorDepth depth = ColorDepth::kNone;
  Ground ground = Ground::kUnknown;

  bool reduced = false;              // only lines with activity, gaps marked
  double threshold = 1;              // percent from which a cell shows and a line is active
  std::string file, function;        // only files and functions that match; "": all
  size_t top = 0;                    // only so many lines, the busiest of all; 0: all
  std::string sort;                  // lines in descending order of this column or metric; "": in order
  std::vector<std::string> columns;  // ids; empty: those the profile has data for
};

// The view as text. An error names an unknown column, sort key, or a filter that nothing matches.
Result<std::string> RenderTerminal(const profile::Document& document, const TerminalOptions& options);

}  // namespace scalene::render
