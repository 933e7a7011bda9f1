// Paths as text. A path is bytes; the profile file holds UTF-8. So every file gets a key: its path with U+FFFD in place
// of the bytes that are no UTF-8, made unique, beside which File::path_bytes keeps the bytes themselves.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace scalene::profile {

struct PathText {
  std::string key;    // valid UTF-8, unique within its PathKeys
  std::string bytes;  // the path as it is when the key does not say it, else empty
};

// Gives each path one key, the same whenever it is asked. Clashing keys get a suffix: "a.py", "a.py (2)", "a.py (3)".
// Threads: none of its own; one at a time.
class PathKeys {
 public:
  const PathText& KeyFor(std::string_view path);
  // A key of its own for another text of the same name, as exec makes them.
  std::string NewKey(std::string_view name);

 private:
  std::unordered_map<std::string, PathText> by_path_;
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, int> next_suffix_;
};

}  // namespace scalene::profile
