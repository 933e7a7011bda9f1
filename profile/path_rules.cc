#include "profile/path_rules.h"

#include <filesystem>
#include <system_error>

namespace scalene::profile {

std::string_view ParentOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string_view BaseNameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool IsIn(std::string_view path, std::string_view directory) {
  if (directory.empty() || !path.starts_with(directory)) return false;
  return path.size() == directory.size() || directory.back() == '/' || path[directory.size()] == '/';
}

std::string ResolvePath(std::string_view name, std::string_view directory) {
  const std::filesystem::path absolute = std::filesystem::path(directory.empty() ? "/" : directory) / name;
  std::error_code error;
  std::filesystem::path resolved = std::filesystem::weakly_canonical(absolute, error);
  if (error) resolved = absolute.lexically_normal();  // a loop of links, or a directory we may not enter
  std::string path = resolved.string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace scalene::profile
