#include "profile/path_text.h"

#include "profile/utf8.h"

namespace scalene::profile {

const PathText& PathKeys::KeyFor(std::string_view path) {
  const auto [at, is_new] = by_path_.try_emplace(std::string(path));
  if (is_new) {
    at->second.key = NewKey(path);
    if (at->second.key != path) at->second.bytes = path;
  }
  return at->second;
}

std::string PathKeys::NewKey(std::string_view name) {
  std::string text = ToValidUtf8(name);
  std::string key = text;
  int& suffix = next_suffix_[text];
  if (suffix == 0) suffix = 2;
  while (!taken_.insert(key).second) key = text + " (" + std::to_string(suffix++) + ")";
  return key;
}

}  // namespace scalene::profile
