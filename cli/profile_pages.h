// From the command line of `view` to what a page shows: one profile, or two to compare.
#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "cli/view.h"
#include "profile/document.h"
#include "render/view_service.h"

namespace scalene::cli {

struct LoadedProfiles {
  profile::Document shown;
  std::optional<profile::Document> before;  // to compare with
};

// `path`: the profile to show, "-" for stdin; the request names the older one.
Result<LoadedProfiles> LoadProfiles(const ViewRequest& request, const std::string& path);

// As the server publishes it; `number` counts the states of the file.
render::Edition EditionOf(const LoadedProfiles& loaded, const ViewRequest& request, int number);

// As a file. Returns the exit status.
int WritePageFile(const LoadedProfiles& loaded, const ViewRequest& request);

}  // namespace scalene::cli
