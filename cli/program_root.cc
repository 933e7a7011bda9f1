#include "cli/program_root.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/files.h"
#include "cli/interpreter_check.h"

namespace scalene::cli {
namespace {

// Installers' scripts are some lines; a program in a bin directory is usually longer.
constexpr size_t kLongestStub = 1024;

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool IsInsideLibrary(const std::string& path) {
  std::string_view previous;
  std::vector<std::string> parts = Split(path, '/');
  for (const std::string& part : parts) {
    bool is_python_library = previous == "lib" && part.starts_with("python") && VersionInName(part);
    if (part == "site-packages" || part == "dist-packages" || is_python_library) return true;
    previous = part;
  }
  return false;
}

// Written by pip and friends: "import sys; from flask.cli import main; sys.exit(main())".
bool IsEntryStub(const std::string& path) {
  std::string text = ReadBeginning(path, kLongestStub + 1);
  return text.size() <= kLongestStub && text.starts_with("#!") && text.find("import") != text.npos &&
         text.find("sys.exit(") != text.npos;
}

bool IsInstalledScript(const std::string& path) {
  std::string directory = DirectoryOf(path);
  if (BaseNameOf(directory) != "bin" || path.ends_with(".py")) return false;
  return IsExecutableFile(directory + "/python3") || IsExecutableFile(directory + "/python") || IsEntryStub(path);
}

std::string ModuleFileIn(const std::string& directory, const std::string& relative) {
  for (const char* ending : {"/__main__.py", ".py", "/__init__.py"}) {
    std::string path = directory + "/" + relative + ending;
    if (IsRegularFile(path)) return path;
  }
  return "";
}

bool HoldsTopPackage(const std::string& directory, const std::string& top) {
  return IsDirectory(directory + "/" + top) || IsRegularFile(directory + "/" + top + ".py");
}

}  // namespace

std::string RootOfFile(const std::string& path, const Surroundings& surroundings) {
  std::string real_path = ResolvedPath(path);
  bool is_installed = IsInsideLibrary(real_path) || IsInstalledScript(path);
  return ResolvedPath(is_installed ? surroundings.working_directory : DirectoryOf(real_path));
}

ModulePlace PlaceOfModule(const std::string& module, const Surroundings& surroundings) {
  std::string working_root = ResolvedPath(surroundings.working_directory);
  if (module.empty() || module.front() == '.') return {working_root, ""};
  std::string relative = module;
  std::ranges::replace(relative, '.', '/');
  std::string top = module.substr(0, module.find('.'));
  std::vector<std::string> places = {surroundings.working_directory};
  if (!surroundings.python_path.empty()) {
    for (const std::string& place : Split(surroundings.python_path, ':')) {
      places.push_back(AbsolutePath(place, surroundings.working_directory));
    }
  }
  for (const std::string& place : places) {
    if (!HoldsTopPackage(place, top)) continue;
    std::string root = ResolvedPath(place);
    return {IsInsideLibrary(root) ? working_root : root, ModuleFileIn(place, relative)};
  }
  return {working_root, ""};
}

}  // namespace scalene::cli
