#include "cli/agent_library.h"

#include "cli/files.h"

namespace scalene::cli {

std::string AgentLibraryPath(bool memory) {
  const std::string directory = DirectoryOfThisExecutable();
  if (directory.empty()) return "";
  return AbsolutePath(memory ? "../lib/libscalene_agent.so" : "../lib/cpu_only/libscalene_agent.so", directory);
}

bool IsPreloadablePath(const std::string& path) { return path.find_first_of(" :\t\n") == path.npos; }

}  // namespace scalene::cli
