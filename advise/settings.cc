#include "advise/settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace scalene::advise {
namespace {

constexpr size_t kMostFileBytes = 64 * 1024;
constexpr size_t kShortestSecret = 8;  // a shorter one is no key, and would blank out words

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

void AddLine(std::string_view line, std::map<std::string, std::string>& values) {
  line = Trimmed(line);
  if (line.starts_with("export ")) line.remove_prefix(7);
  const size_t equals = line.find('=');
  if (line.starts_with('#') || equals == line.npos) return;
  std::string_view value = Trimmed(line.substr(equals + 1));
  const bool quoted = value.size() >= 2 && value.front() == value.back() && (value[0] == '"' || value[0] == '\'');
  if (quoted) value = value.substr(1, value.size() - 2);
  values[std::string(Trimmed(line.substr(0, equals)))] = value;
}

std::string ReadPrivateFile(const std::string& path, std::string& warning) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (!fd.valid() || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  if ((info.st_mode & 077) != 0) {
    warning = path + " can be read by others and is not used; chmod 600 makes it yours alone";
    return {};
  }
  std::string text(kMostFileBytes, '\0');
  const ssize_t got = read(fd.get(), text.data(), text.size());
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return text;
}

}  // namespace

Settings Settings::Load(const std::vector<std::string>& environment, const std::string& credentials_file,
                        std::string& warning) {
  Settings settings;
  const std::string text = credentials_file.empty() ? "" : ReadPrivateFile(credentials_file, warning);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    AddLine(std::string_view(text).substr(at, end - at), settings.values_);
    at = end + 1;
  }
  for (const std::string& entry : environment) {
    const size_t equals = entry.find('=');
    if (equals != entry.npos && equals + 1 < entry.size())
      settings.values_[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return settings;
}

std::string Settings::Get(std::string_view name) const {
  const auto found = name.empty() ? values_.end() : values_.find(std::string(name));
  return found == values_.end() ? std::string() : found->second;
}

std::string Settings::FirstOf(const std::vector<std::string_view>& names) const {
  for (const std::string_view name : names) {
    if (std::string value = Get(name); !value.empty()) return value;
  }
  return {};
}

std::string Scrubbed(std::string text, std::string_view secret) {
  if (secret.size() < kShortestSecret) return text;
  for (size_t at = text.find(secret); at != text.npos; at = text.find(secret, at)) text.replace(at, secret.size(), "…");
  return text;
}

}  // namespace scalene::advise
