// PathPattern: one pattern of --profile-only or --profile-exclude.
//
//   /home/me/lib, ~/lib, ./lib   that file, or anything below that directory
//   tests/*.py, **/vendor, a?c   a glob: `*` and `?` stay within a component, `**` crosses them, [a-z] and [!a-z] are
//                                sets. It matches whole components, anywhere in the path (an absolute one: from its
//                                start), and with a directory everything below it
//   anything else                a substring
//
// Threads: immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scalene::profile {

class PathPattern {
 public:
  // `directory` is what "./" is relative to.
  PathPattern(std::string_view pattern, std::string_view home, std::string_view directory);

  // `path` is the whole path; `tail` the part of it that relative patterns look at.
  bool Matches(std::string_view path, std::string_view tail) const;
  bool absolute() const { return kind_ == Kind::kPlace || (kind_ == Kind::kGlob && text_.starts_with('/')); }

 private:
  enum class Kind { kPlace, kGlob, kSubstring };
  Kind kind_;
  std::string text_;
};

// The patterns of a list: separated by commas, blanks around them cut, empty ones left out.
std::vector<PathPattern> ParsePatterns(std::string_view list, std::string_view home, std::string_view directory);

// Whether the glob matches components of `path` up to a component's end: from the start, or from any component on.
bool GlobMatches(std::string_view glob, std::string_view path, bool from_start);

}  // namespace scalene::profile
