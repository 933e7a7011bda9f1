#include "profile/marked_functions.h"

#include <algorithm>

namespace scalene::profile {

void MarkedFunctions::Add(std::string_view file, int first_line, int last_line_seen) {
  auto at = files_.find(file);
  if (at == files_.end()) at = files_.emplace(std::string(file), std::map<int, int>()).first;
  int& last = at->second[first_line];
  last = std::max({last, first_line, last_line_seen});
}

std::vector<LineExtent> MarkedFunctions::ExtentsIn(std::string_view file, const Outline& outline) const {
  std::vector<LineExtent> extents;
  const auto at = files_.find(file);
  if (at == files_.end()) return extents;
  for (const auto& [first, last_seen] : at->second) {
    const FunctionOutline* function = outline.FunctionStartingAt(first);
    const LineExtent extent{first, function ? function->last_line : last_seen};
    if (!extents.empty() && extent.first <= extents.back().last) {
      extents.back().last = std::max(extents.back().last, extent.last);  // a marked function inside a marked one
    } else {
      extents.push_back(extent);
    }
  }
  return extents;
}

bool MarkedFunctions::Holds(std::string_view file, int line, const Outline& outline) const {
  const std::vector<LineExtent> extents = ExtentsIn(file, outline);
  return std::any_of(extents.begin(), extents.end(),
                     [line](const LineExtent& extent) { return extent.first <= line && line <= extent.last; });
}

}  // namespace scalene::profile
