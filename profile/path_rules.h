// How paths are compared when it is decided which files are profiled: absolute, symbolic links resolved, component by
// component. A path is bytes here, and need not exist.
// Threads: pure functions, apart from the file system they look at.
#pragma once

#include <string>
#include <string_view>

namespace scalene::profile {

// "/a/b" for "/a/b/c"; "/" for "/a" and "/".
std::string_view ParentOf(std::string_view path);

// "c" for "/a/b/c".
std::string_view BaseNameOf(std::string_view path);

// "/a/b" and "/a/b/c" are in "/a/b", "/a/bc" is not.
bool IsIn(std::string_view path, std::string_view directory);

// `name`, relative to `directory` if it is relative, without symbolic links, "." and "..". What does not exist is
// resolved as far as it does.
std::string ResolvePath(std::string_view name, std::string_view directory);

}  // namespace scalene::profile
