#include "profile/source_root.h"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "profile/library_directories.h"
#include "profile/path_rules.h"

namespace scalene::profile {
namespace {

bool IsFile(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// Where installers put commands. A project's own bin/ is none of these.
std::vector<std::string> ScriptsDirectories(const PythonEnvironment& environment, const std::string& home) {
  std::vector<std::string> directories = {"/usr/bin", "/usr/local/bin", "/bin"};
  if (!environment.executable.empty()) directories.emplace_back(ParentOf(environment.executable));
  if (!environment.prefix.empty()) directories.push_back(environment.prefix + "/bin");
  if (!environment.base_prefix.empty()) directories.push_back(environment.base_prefix + "/bin");
  if (!home.empty()) directories.push_back(home + "/.local/bin");
  for (std::string& directory : directories) directory = ResolvePath(directory, "/");
  return directories;
}

bool IsInstalled(const std::string& directory, const PythonEnvironment& environment, const std::string& home) {
  const std::vector<std::string> scripts = ScriptsDirectories(environment, home);
  if (std::find(scripts.begin(), scripts.end(), directory) != scripts.end()) return true;
  return LibraryDirectories(environment).IsInstalled(directory);
}

}  // namespace

std::string ChooseRoot(const RootRequest& request, const PythonEnvironment& environment) {
  const std::string directory = ResolvePath(request.directory, "/");
  if (!request.program_path.empty()) {
    const std::string chosen = ResolvePath(request.program_path, directory);
    return IsFile(chosen) ? std::string(ParentOf(chosen)) : chosen;
  }
  std::string root;
  if (request.kind == ProgramKind::kScript && !request.program.empty()) {
    root = ParentOf(ResolvePath(request.program, directory));
  } else if (request.kind == ProgramKind::kModule && !request.module_directory.empty()) {
    root = ResolvePath(request.module_directory, directory);
  }
  return root.empty() || IsInstalled(root, environment, request.home) ? directory : root;
}

}  // namespace scalene::profile
