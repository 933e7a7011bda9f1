#include "cli/ai_settings.h"

#include <cstdlib>

#include "cli/config.h"
#include "cli/files.h"
#include "cli/messages.h"
#include "cli/saved_message.h"

namespace scalene::cli {
std::string CredentialsFile() {
  const std::string file = SourcesOfThisProcess().user_file;
  return file.empty() ? "" : DirectoryOf(file) + "/credentials";
}

std::string CacheFolder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && cache[0] == '/') return std::string(cache) + "/scalene";  // the XDG rules ignore relative ones
  const std::string home = SourcesOfThisProcess().home;
  return home.starts_with('/') ? home + "/.cache/scalene" : "";
}

advise::Settings AiSettings() {
  std::string warning;
  advise::Settings settings = advise::Settings::Load(SourcesOfThisProcess().environment, CredentialsFile(), warning);
  if (!warning.empty()) PrintWarning(warning);
  return settings;
}

std::vector<std::string> ReprofileCommands(const profile::Document& document, const std::string& profile_path) {
  if (!document.args || document.args->empty() || document.program.empty()) return {};
  const std::string after = profile_path == "after.json" ? "after2.json" : "after.json";
  std::string run = "scalene run -o " + after;
  for (const std::string& word : *document.args) run += " " + ShellQuoted(word);
  return {run, "scalene view " + ShellQuoted(profile_path) + " " + after};
}

}  // namespace scalene::cli
