// Files that hold what is the user's alone: written whole or not at all, in folders that nobody else may enter.
// Threads: any; two writers of one file: the later one wins, whole.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace scalene::advise {

// Makes what is missing of a folder's path, each part with mode 700.
Status MakePrivateFolders(const std::string& folder);

// Every byte; `path` names the file in the sentence of a failure.
Status WriteWhole(int fd, std::string_view text, const std::string& path);

// By way of a new file beside it, so that nobody ever reads half of it.
Status ReplaceFile(const std::string& path, std::string_view text, mode_t mode);

// The text of a regular file of at most that size; nothing when there is none, or it cannot be read.
std::optional<std::string> ReadSmallFile(const std::string& path, size_t most_bytes);

// Where a link leads, so that the link stays one; the path itself when it leads nowhere.
std::string ResolvedLink(const std::string& path);

}  // namespace scalene::advise
