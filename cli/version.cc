#include "cli/version.h"

#include "cli/interpreter_check.h"

namespace scalene::cli {

const std::string_view kVersion = SCALENE_VERSION;
const std::string_view kReleaseDate = SCALENE_RELEASE_DATE;

namespace {

#if defined(__x86_64__)
constexpr std::string_view kMachine = "x86_64";
#else
constexpr std::string_view kMachine = "aarch64";
#endif

std::string Member(std::string_view key, std::string_view value) {
  std::string text = "\"";
  return text.append(key).append("\": \"").append(value).append("\"");
}

}  // namespace

std::string VersionLine() {
  std::string line = "Scalene version ";
  return line.append(kVersion).append(" (").append(kReleaseDate).append(")\n");
}

std::string VersionJson() {
  return "{" + Member("compiler", __VERSION__) + ", " + Member("date", kReleaseDate) + ", " +
         Member("machine", kMachine) + ", \"metrics\": [\"cpu\"], " +
         Member("python_newest", VersionText(kNewestPython)) + ", " +
         Member("python_oldest", VersionText(kOldestPython)) + ", " + Member("version", kVersion) + "}\n";
}

}  // namespace scalene::cli
