// Small questions to the file system, as the command line asks them before anything starts. No caching, no side effects.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/outcome.h"

namespace scalene::cli {

// The text of a file; nothing when there is none; trouble (usage) when it cannot be read or is larger than the limit.
Outcome<std::optional<std::string>> ReadSmallFile(const std::string& path, size_t limit);

// At most `count` bytes from the beginning of a regular file; "" when it cannot be read. Never blocks on a pipe.
std::string ReadBeginning(const std::string& path, size_t count);

bool IsDirectory(const std::string& path);
bool IsRegularFile(const std::string& path);
bool IsExecutableFile(const std::string& path);

// The first executable file of that name in the directories of PATH; a name with a slash is looked up as it is.
std::string FindOnPath(const std::string& name, std::string_view path_variable);

std::string WorkingDirectory();  // "" when it does not exist any more
std::string AbsolutePath(const std::string& path,
                         const std::string& working_directory);  // "." and ".." resolved as text
std::string ResolvedPath(const std::string& path);               // links followed; the path itself if it cannot be
std::string DirectoryOf(const std::string& path);                // "a/b" -> "a", "b" -> ".", "/b" -> "/"
std::string BaseNameOf(const std::string& path);

// Names of the entries of a directory, without "." and "..", at most `limit`.
std::vector<std::string> NamesIn(const std::string& directory, size_t limit);

// The directory of this executable, or "" if /proc does not say.
std::string DirectoryOfThisExecutable();

}  // namespace scalene::cli
