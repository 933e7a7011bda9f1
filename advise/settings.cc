#include "advise/settings.h"

#include "advise/credentials.h"

namespace scalene::advise {
namespace {

constexpr size_t kShortestSecret = 8;  // a shorter one is no key, and would blank out words

}  // namespace

Settings Settings::Load(const std::vector<std::string>& environment, const std::string& credentials_file,
                        std::string& warning) {
  Settings settings;
  if (!credentials_file.empty()) settings.values_ = ReadCredentials(credentials_file, warning);
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

Settings Settings::With(const std::string& name, const std::string& value) const {
  Settings changed = *this;
  changed.values_[name] = value;
  return changed;
}

std::string Scrubbed(std::string text, std::string_view secret) {
  if (secret.size() < kShortestSecret) return text;
  for (size_t at = text.find(secret); at != text.npos; at = text.find(secret, at)) text.replace(at, secret.size(), "…");
  return text;
}

}  // namespace scalene::advise
