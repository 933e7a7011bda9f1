// MarkedFunctions: the functions that a run has decorated with @profile (row 2 of the file filter). As soon as there is
// one, only lines inside such functions, nested code included, carry data, whatever their file.
//
// The collector adds what the agents report; the outline knows where a function ends. Files are the resolved paths of
// the filter's verdicts.
// Threads: a value; no synchronisation.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "profile/line_layer.h"
#include "profile/outline.h"

namespace scalene::profile {

class MarkedFunctions {
 public:
  // `first_line` is the co_firstlineno of the decorated function. `last_line_seen` is the last line of its code object,
  // for sources that nobody has: then the function is taken to end there.
  void Add(std::string_view file, int first_line, int last_line_seen = 0);

  bool empty() const { return files_.empty(); }
  bool HasFile(std::string_view file) const { return files_.contains(file); }
  // The lines of a file inside marked functions, ordered and disjoint.
  std::vector<LineExtent> ExtentsIn(std::string_view file, const Outline& outline) const;
  bool Holds(std::string_view file, int line, const Outline& outline) const;

 private:
  std::map<std::string, std::map<int, int>, std::less<>> files_;  // file -> first line -> last line seen
};

}  // namespace scalene::profile
