// ImportStatement: one import as the source has it, apart from its layout.
#pragma once

#include <string>
#include <vector>

namespace scalene::profile {

struct ImportedName {
  std::string name;   // "numpy", "os.path"; "*" for a wildcard
  std::string alias;  // empty without "as"
};

struct ImportStatement {
  int line = 0;
  bool from = false;   // "from module import names"; else "import names"
  int level = 0;       // leading dots of a relative import
  std::string module;  // of a "from"; empty for "from . import x" and for plain imports
  std::vector<ImportedName> names;
};

}  // namespace scalene::profile
