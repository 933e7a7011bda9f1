// Keys and addresses of the services, by the names that people know from the services' own tools (ANTHROPIC_API_KEY):
// from the environment, else from the user's credentials file. Nothing here is ever printed or sent to a page; Scrubbed()
// keeps a key out of what a service says about it.
// Threads: a value; no synchronisation.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scalene::advise {

class Settings {
 public:
  Settings() = default;
  explicit Settings(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  // `environment`: "NAME=value". A file that others may read is not used, and `warning` says so.
  static Settings Load(const std::vector<std::string>& environment, const std::string& credentials_file,
                       std::string& warning);

  // "" when it is not set.
  std::string Get(std::string_view name) const;
  // The first of several that is set.
  std::string FirstOf(const std::vector<std::string_view>& names) const;
  // The same, but for one.
  Settings With(const std::string& name, const std::string& value) const;

 private:
  std::map<std::string, std::string> values_;
};

// `text` without the secret, wherever it occurs.
std::string Scrubbed(std::string text, std::string_view secret);

}  // namespace scalene::advise
