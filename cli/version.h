// Which version this is. The numbers come from the build.
#pragma once

#include <string>
#include <string_view>

namespace scalene::cli {

extern const std::string_view kVersion;      // "3.0.0"
extern const std::string_view kReleaseDate;  // "2026.11.21"

std::string VersionLine();  // "Scalene version 3.0.0 (2026.11.21)" and a newline
std::string VersionJson();  // build and features, one object and a newline

}  // namespace scalene::cli
