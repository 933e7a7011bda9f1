#include "cli/agent_library.h"

#include "cli/files.h"

namespace scalene::cli {

std::string AgentLibraryPath() {
  std::string directory = DirectoryOfThisExecutable();
  return directory.empty() ? "" : AbsolutePath("../lib/libscalene_agent.so", directory);
}

bool IsPreloadablePath(const std::string& path) { return path.find_first_of(" :\t\n") == path.npos; }

}  // namespace scalene::cli
