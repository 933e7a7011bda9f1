// ModuleFinder: says what importing a module would load, without importing anything and without an interpreter: it
// looks where CPython's path finder would look. A directory is listed once.
//
// Not looked into: zip archives (extensions cannot be loaded from them) and import hooks.
// Threads: none of its own; one at a time.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "profile/python_environment.h"

namespace scalene::profile {

enum class ModuleKind : uint8_t {
  kNotFound,
  kPure,    // Python source, or a package without extension modules
  kNative,  // built into the interpreter, an extension module, or a package that holds extension modules
};

class ModuleFinder {
 public:
  explicit ModuleFinder(const PythonEnvironment& environment);

  // "numpy", "os.path", "xml.etree.ElementTree": as an absolute import.
  ModuleKind Find(std::string_view dotted_name);
  // The same, looked for in one directory: as a relative import.
  ModuleKind FindIn(const std::string& directory, std::string_view dotted_name);

 private:
  struct Listing {
    std::unordered_set<std::string> extensions, sources, directories;
  };
  // Where a name was found: several directories for a namespace package.
  struct Found {
    ModuleKind kind = ModuleKind::kNotFound;
    std::vector<std::string> package;
  };

  Found FindOn(const std::vector<std::string>& path, const std::string& name);
  Found FindDotted(std::vector<std::string> path, std::string_view dotted_name);
  ModuleKind KindOf(const Found& found);
  bool HoldsExtensions(const std::string& package);
  const Listing& List(const std::string& directory);
  // "_json" of "_json.cpython-312-x86_64-linux-gnu.so" if our interpreter would load that file; else empty.
  std::string ExtensionName(std::string_view file) const;

  std::string abi_tag_;  // "cpython-312"
  std::vector<std::string> path_;
  std::unordered_map<std::string, Listing> listings_;
  std::unordered_map<std::string, bool> holds_extensions_;
};

}  // namespace scalene::profile
