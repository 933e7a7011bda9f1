// TOML options: the user's own file and the [tool.scalene] table of pyproject.toml.

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#include <toml++/toml.h>

#include <charconv>

#include "cli/config_value.h"

namespace scalene::cli {
namespace {

std::string NumberText(double value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

ConfigValue ScalarOf(const toml::node& node) {
  if (const auto* text = node.as_string()) return {ConfigKind::kString, text->get(), {}};
  if (const auto* flag = node.as_boolean()) return {ConfigKind::kBoolean, flag->get() ? "true" : "false", {}};
  if (const auto* whole = node.as_integer()) return {ConfigKind::kNumber, std::to_string(whole->get()), {}};
  if (const auto* real = node.as_floating_point()) return {ConfigKind::kNumber, NumberText(real->get()), {}};
  return {ConfigKind::kOther, "", {}};
}

ConfigValue ValueOf(const toml::node& node) {
  const toml::array* array = node.as_array();
  if (!array) return ScalarOf(node);
  ConfigValue list{ConfigKind::kList, "", {}};
  for (const toml::node& item : *array) {
    ConfigValue scalar = ScalarOf(item);
    if (scalar.kind == ConfigKind::kOther) return scalar;
    list.items.push_back(std::move(scalar.text));
  }
  return list;
}

Trouble Invalid(const std::string& file, const toml::parse_error& error) {
  return {kExitUsage, "invalid TOML in config file: " + file + ":" + std::to_string(error.source().begin.line) + ": " +
                          std::string(error.description())};
}

}  // namespace

Outcome<ConfigEntries> ReadToml(std::string_view text, const std::string& file,
                                const std::vector<std::string_view>& table_path) {
  toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) return Invalid(file, parsed.error());
  const toml::table* table = &parsed.table();
  for (std::string_view name : table_path) {
    const toml::node* inner = table->get(name);
    if (!inner || !inner->is_table()) return ConfigEntries();
    table = inner->as_table();
  }
  ConfigEntries entries;
  for (auto&& [key, node] : *table) {
    entries.push_back({std::string(key.str()), ValueOf(node), static_cast<int>(node.source().begin.line)});
  }
  return entries;
}

}  // namespace scalene::cli
