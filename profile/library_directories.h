// LibraryDirectories: where the running interpreters keep code that is not the user's own, and where editable installs
// point back to code that is.
//
//   library   standard library, site-packages, dist-packages, user site, and the prefix of a virtual environment (whose
//             scripts are as little the user's own as its packages)
//   editable  the source trees that direct_url.json, .egg-link and .pth files of the site directories name. Only what
//             lies outside the library counts: an egg unpacked inside site-packages is installed like any other package
//
// The editable installs are looked for when they are first asked for, once.
// Threads: none of its own; one at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profile/python_environment.h"

namespace scalene::profile {

class LibraryDirectories {
 public:
  LibraryDirectories() = default;
  explicit LibraryDirectories(const PythonEnvironment& environment) { Add(environment); }

  // Another interpreter of the same run.
  void Add(const PythonEnvironment& environment);

  // Whether the path lies in a standard library or among installed packages.
  bool IsInstalled(std::string_view path) const;
  // The deepest directory of its kind that contains the path; empty if none does.
  std::string_view LibraryAround(std::string_view path) const;
  std::string_view EditableAround(std::string_view path);

 private:
  void AddSite(std::string_view directory);
  void FindEditables();

  // All resolved.
  std::vector<std::string> standard_;      // standard libraries
  std::vector<std::string> sites_;         // site-packages and its like
  std::vector<std::string> environments_;  // prefixes of virtual environments
  std::optional<std::vector<std::string>> editables_;
};

}  // namespace scalene::profile
