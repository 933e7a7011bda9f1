// Where the agent library lies: in ../lib beside this executable, wherever the tree has been moved. For runs that do not ask
// about memory there is one that leaves allocations alone.
#pragma once

#include <string>

namespace scalene::cli {

// The path, whether or not a file is there; "" when /proc does not say where this executable is.
std::string AgentLibraryPath(bool memory);

// The dynamic linker splits LD_PRELOAD at blanks and colons: such a path needs a link under another name.
bool IsPreloadablePath(const std::string& path);

}  // namespace scalene::cli
