// Which files and lines of a profile a terminal or Markdown view shows, and in which order, after all filters.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "profile/document.h"

namespace scalene::render {

struct TerminalOptions;

struct SelectedFile {
  const std::string* path;
  const profile::File* file;
  std::vector<const profile::Line*> lines;          // in the order in which they are shown; nullptr marks a gap
  std::vector<const profile::Function*> functions;  // busiest first; only those with time
};

// Busiest file first, equal ones by path. Errors name a filter that nothing matches or a sort key that does not exist.
Result<std::vector<SelectedFile>> SelectLines(const profile::Document& document, const TerminalOptions& options);

}  // namespace scalene::render
