// ConfigValue, ConfigEntry: one setting as a file holds it, before it is known whether the key or its type are right. What
// the YAML and the TOML reader have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/outcome.h"

namespace scalene::cli {

enum class ConfigKind : uint8_t {
  kPlain,    // YAML's unquoted scalar or the environment: what it is depends on who asks
  kString,   // TOML's string, YAML's quoted scalar
  kBoolean,  // TOML
  kNumber,   // TOML
  kList,     // of scalars
  kNothing,  // YAML's null
  kOther,    // table, date, nested list: never right
};

struct ConfigValue {
  ConfigKind kind = ConfigKind::kPlain;
  std::string text;                // of a scalar, as written
  std::vector<std::string> items;  // of a list
};

struct ConfigEntry {
  std::string key;
  ConfigValue value;
  int line = 0;  // 1-based
};

using ConfigEntries = std::vector<ConfigEntry>;

// `file` is only for messages. Text comes from a stranger: both readers accept anything and never throw.
Outcome<ConfigEntries> ReadYaml(std::string_view text, const std::string& file);
// The entries of one table, named by its path: {} the whole document, {"tool", "scalene"}. Empty when it is absent.
Outcome<ConfigEntries> ReadToml(std::string_view text, const std::string& file,
                                const std::vector<std::string_view>& table_path);

}  // namespace scalene::cli
