// Finds the source trees of packages that are installed in place ("pip install -e", "setup.py develop", .pth files).
#pragma once

#include <string>
#include <vector>

namespace scalene::profile {

// The directories that one site directory points to, resolved. Unreadable files are passed over.
std::vector<std::string> EditableInstallsIn(const std::string& site_directory);

}  // namespace scalene::profile
