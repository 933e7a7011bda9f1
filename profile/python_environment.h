// PythonEnvironment: what an interpreter says about itself when its agent connects. Paths are as Python has them: not
// resolved, in any bytes. Filled in by the collector; read by the file filter and the search for native imports.
#pragma once

#include <string>
#include <vector>

namespace scalene::profile {

struct PythonEnvironment {
  std::string version;      // "3.12.4"
  std::string executable;   // sys.executable
  std::string prefix;       // sys.prefix: the virtual environment's, if there is one
  std::string base_prefix;  // sys.base_prefix
  int minor = 0;            // 12; 0 = unknown
  bool free_threaded = false;
  std::vector<std::string> sys_path;
};

}  // namespace scalene::profile
