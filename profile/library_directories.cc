#include "profile/library_directories.h"

#include <unistd.h>

#include <algorithm>

#include "profile/editable_installs.h"
#include "profile/path_rules.h"

namespace scalene::profile {
namespace {

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

bool IsSiteName(std::string_view name) { return name == "site-packages" || name == "dist-packages"; }

// The standard library wherever it was put: built in place, embedded, relocated.
bool HoldsStandardLibrary(const std::string& directory) {
  return Exists(directory + "/os.py") && Exists(directory + "/encodings/__init__.py");
}

std::string_view Deepest(const std::vector<std::string>& directories, std::string_view path) {
  std::string_view deepest;
  for (const std::string& directory : directories) {
    // All that contain the path lie on one line, so the longest is the deepest.
    if (IsIn(path, directory) && directory.size() > deepest.size()) deepest = directory;
  }
  return deepest;
}

void AddOnce(std::string directory, std::vector<std::string>& to) {
  if (std::find(to.begin(), to.end(), directory) == to.end()) to.push_back(std::move(directory));
}

void AddResolved(std::string_view directory, std::vector<std::string>& to) { AddOnce(ResolvePath(directory, "/"), to); }

std::string_view Deeper(std::string_view a, std::string_view b) { return b.size() > a.size() ? b : a; }

}  // namespace

void LibraryDirectories::Add(const PythonEnvironment& environment) {
  editables_.reset();
  const std::string minor = std::to_string(environment.minor);
  const std::string python = "python3." + minor + (environment.free_threaded ? "t" : "");
  for (const std::string lib : {"/lib/", "/lib64/"}) {
    if (!environment.prefix.empty()) AddSite(environment.prefix + lib + python + "/site-packages");
    if (environment.base_prefix.empty()) continue;
    AddResolved(environment.base_prefix + lib + python, standard_);
    AddResolved(environment.base_prefix + lib + "python3" + minor + ".zip", standard_);
  }
  for (const std::string& entry : environment.sys_path) {
    if (!entry.starts_with('/')) continue;
    if (IsSiteName(BaseNameOf(entry)))
      AddSite(entry);
    else if (BaseNameOf(entry) == "lib-dynload" || HoldsStandardLibrary(entry))
      AddResolved(entry, standard_);
  }
  if (environment.prefix != environment.base_prefix) AddResolved(environment.prefix, environments_);
}

void LibraryDirectories::AddSite(std::string_view directory) { AddResolved(directory, sites_); }

bool LibraryDirectories::IsInstalled(std::string_view path) const {
  return !Deepest(standard_, path).empty() || !Deepest(sites_, path).empty();
}

std::string_view LibraryDirectories::LibraryAround(std::string_view path) const {
  return Deeper(Deeper(Deepest(standard_, path), Deepest(sites_, path)), Deepest(environments_, path));
}

std::string_view LibraryDirectories::EditableAround(std::string_view path) {
  if (!editables_) FindEditables();
  return Deepest(*editables_, path);
}

void LibraryDirectories::FindEditables() {
  editables_.emplace();
  for (const std::string& site : sites_) {
    for (std::string& directory : EditableInstallsIn(site)) {
      const bool installed = IsInstalled(directory) || IsSiteName(BaseNameOf(directory));
      if (!installed) AddOnce(std::move(directory), *editables_);
    }
  }
}

}  // namespace scalene::profile
