// Where keys and addresses of AI services come from here, and what to do after a proposal: for `advise` and the page's
// server.
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <vector>

#include "advise/settings.h"
#include "profile/document.h"

namespace scalene::cli {

// This process's environment and $XDG_CONFIG_HOME/scalene/credentials; says on stderr when that file is not used.
advise::Settings AiSettings();

// $XDG_CONFIG_HOME/scalene/credentials, whether it exists or not; "" when there is no home.
std::string CredentialsFile();

// $XDG_CACHE_HOME/scalene, whether it exists or not; "" when there is no home.
std::string CacheFolder();

// What runs the program again and compares: command lines for a shell. Empty when the profile does not say how it ran.
std::vector<std::string> ReprofileCommands(const profile::Document& document, const std::string& profile_path);

}  // namespace scalene::cli
