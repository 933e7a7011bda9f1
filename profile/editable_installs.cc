#include "profile/editable_installs.h"

#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "profile/path_rules.h"

namespace scalene::profile {
namespace {

namespace fs = std::filesystem;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string PercentDecoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0;
    out.push_back(escape ? static_cast<char>(HexDigit(text[i + 1]) << 4 | HexDigit(text[i + 2])) : text[i]);
    if (escape) i += 2;
  }
  return out;
}

// "file:///home/me/my%20project" as a path.
std::optional<std::string> PathOfFileUrl(std::string_view url) {
  for (std::string_view start : {"file://localhost/", "file:///"}) {
    if (url.starts_with(start)) return PercentDecoded(url.substr(start.size() - 1));
  }
  return std::nullopt;
}

// PEP 610: {"url": "file:///…", "dir_info": {"editable": true}}
std::optional<std::string> EditableOfDirectUrl(const fs::path& file) {
  simdjson::padded_string text;
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (simdjson::padded_string::load(file.string()).get(text) || parser.parse(text).get(document)) return std::nullopt;
  bool editable = false;
  std::string_view url;
  if (document["dir_info"]["editable"].get(editable) || !editable || document["url"].get(url)) return std::nullopt;
  return PathOfFileUrl(url);
}

template <typename Use>
void ForEachLine(const fs::path& file, Use use) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    line.erase(line.find_last_not_of(" \t\r\n") + 1);
    use(line);
  }
}

bool IsImportLine(std::string_view line) { return line.starts_with("import ") || line.starts_with("import\t"); }

}  // namespace

std::vector<std::string> EditableInstallsIn(const std::string& site) {
  std::vector<std::string> found;
  const auto add = [&](const std::string& directory) {
    std::string resolved = ResolvePath(directory, site);
    std::error_code error;
    if (fs::is_directory(resolved, error)) found.push_back(std::move(resolved));
  };
  std::error_code error;
  for (fs::directory_iterator at(site, error), end; !error && at != end; at.increment(error)) {
    const fs::path& file = at->path();
    const fs::path extension = file.extension();
    if (extension == ".dist-info") {
      if (const auto directory = EditableOfDirectUrl(file / "direct_url.json")) add(*directory);
    } else if (extension == ".egg-link") {
      bool first = true;
      ForEachLine(file, [&](const std::string& line) {
        if (std::exchange(first, false) && !line.empty()) add(line);
      });
    } else if (extension == ".pth") {
      ForEachLine(file, [&](const std::string& line) {
        if (!line.empty() && line[0] != '#' && !IsImportLine(line)) add(line);
      });
    }
  }
  return found;
}

}  // namespace scalene::profile
