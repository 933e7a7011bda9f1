// The user's credentials file: lines of NAME=value, as `export NAME="value"` too, and comments. It is used only when nobody
// else may read it.
// Threads: any.
#pragma once

#include <map>
#include <string>

#include "base/status.h"

namespace scalene::advise {

// A file that others may read is not used, and `warning` says so.
std::map<std::string, std::string> ReadCredentials(const std::string& path, std::string& warning);

// Sets one name and leaves every other line as it was. The file has mode 600 afterwards, folders made for it 700.
Status RememberCredential(const std::string& path, const std::string& name, const std::string& value);

}  // namespace scalene::advise
