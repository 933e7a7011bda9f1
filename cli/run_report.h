// What `scalene run` says after the program has ended, as text; nothing is printed here.
#pragma once

#include <string>
#include <vector>

#include "cli/run_options.h"
#include "profile/document.h"

namespace scalene::cli {

// Why a profile has no files, in one or more lines without a prefix; "" when it has some.
std::string EmptyProfileReport(const profile::Document& document, const RunOptions& options);

// Sentences about losses and unprofiled children that matter for reading the numbers.
std::vector<std::string> CautionsOf(const profile::Document& document, double sampling_interval_sec);

}  // namespace scalene::cli
