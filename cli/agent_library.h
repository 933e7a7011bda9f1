// Where the agent library lies: ../lib/libscalene_agent.so beside this executable, wherever the tree has been moved.
#pragma once

#include <string>

namespace scalene::cli {

// The path, whether or not a file is there; "" when /proc does not say where this executable is.
std::string AgentLibraryPath();

// The dynamic linker splits LD_PRELOAD at blanks and colons: such a path needs a link under another name.
bool IsPreloadablePath(const std::string& path);

}  // namespace scalene::cli
