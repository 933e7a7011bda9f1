// Writing a proposal into the user's file: only over exactly the text that was profiled, only what parses, and never
// without a copy of what was there.
// Threads: one at a time to a file.
#pragma once

#include <string>

#include "base/status.h"
#include "profile/document.h"

namespace scalene::advise {

// The text of a file as it was profiled.
std::string ProfiledText(const profile::File& file);

// "" when the changed text parses as well as the old one did.
std::string SyntaxTrouble(const std::string& before, const std::string& now);

// Replaces the file's text `before` by `now`. Returns the path of the copy.
Result<std::string> ApplyWithBackup(const std::string& path, const std::string& before, const std::string& now);

}  // namespace scalene::advise
