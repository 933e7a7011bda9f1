// NativeImports: the import statements of a source that bring in native code, for the list that the profile shows.
//
// A statement is native if its module is built into the interpreter, is an extension module, or is a package that
// contains extension modules. What a pure module imports in its turn does not count: `import random` is not native.
// `from package import name` is judged by `package`; a relative import without a module by the names themselves.
// Nothing is imported and no interpreter is asked.
// Threads: none of its own; one at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "profile/import_statement.h"
#include "profile/module_finder.h"

namespace scalene::profile {

class NativeImports {
 public:
  explicit NativeImports(const PythonEnvironment& environment) : finder_(environment) {}

  // As normalised text, once each, in order of appearance: "import numpy as np" (one name each), "from math import sin,
  // cos". `file` is where relative imports start from; it may be no path at all.
  std::vector<std::string> Among(const std::vector<ImportStatement>& imports, std::string_view file);

 private:
  bool IsNativeFrom(const ImportStatement& statement, std::string_view file);

  ModuleFinder finder_;
};

}  // namespace scalene::profile
