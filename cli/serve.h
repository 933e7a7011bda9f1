// Serve: `scalene view` in the browser. A loopback server from the first moment, the profile read beside it, the page
// opened, and all of it gone when the page is closed.
#pragma once

#include <string>

#include "cli/view.h"

namespace scalene::cli {

// Returns the exit status. Nothing: no browser could be opened; nothing was shown yet.
std::optional<int> Serve(const ViewRequest& request, const std::string& path);

}  // namespace scalene::cli
