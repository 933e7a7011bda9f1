#include "cli/config.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "cli/config_value.h"
#include "cli/files.h"
#include "cli/nearest.h"

extern char** environ;

namespace scalene::cli {
namespace {

// A configuration is some lines; more is a mistake, such as a data file given to -c.
constexpr size_t kLargestFile = 1 << 20;

std::string WithDashes(std::string_view key) {
  std::string name(key);
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string EnvironmentName(std::string_view option) {
  std::string name = "SCALENE_";
  for (char c : option) name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

std::string ExpandHome(std::string text, const std::string& home) {
  bool is_own_home = text == "~" || text.starts_with("~/");
  return is_own_home && !home.empty() ? home + text.substr(1) : text;
}

// What a configuration key names: an option, and for a switch whether it is named the other way round.
struct Key {
  const OptionSpec* spec = nullptr;
  bool is_opposite = false;
};

Key FindKey(std::string_view key) {
  std::string name = WithDashes(key);
  for (const RunOption& option : RunOptionSpecs()) {
    const OptionSpec& spec = option.spec;
    if (!spec.configurable) continue;
    bool is_alias = !name.empty() && (name == spec.alias || name == spec.key_alias);
    if (name == spec.name || is_alias) return {&spec, false};
    if (spec.kind == ValueKind::kSwitch && name == OppositeName(spec)) return {&spec, true};
  }
  return {};
}

std::vector<std::string> AllKeys() {
  std::vector<std::string> keys;
  for (const RunOption& option : RunOptionSpecs()) {
    if (option.spec.configurable && option.spec.block != HelpBlock::kIgnored) keys.emplace_back(option.spec.name);
  }
  return keys;
}

bool FitsType(const OptionSpec& spec, const ConfigValue& value) {
  if (value.kind == ConfigKind::kOther || value.kind == ConfigKind::kNothing) return false;
  if (value.kind == ConfigKind::kList) return spec.kind == ValueKind::kList;
  if (value.kind == ConfigKind::kPlain) return true;
  switch (spec.kind) {
    case ValueKind::kSwitch:
      return value.kind == ConfigKind::kBoolean;
    case ValueKind::kReal:
    case ValueKind::kInteger:
      return value.kind == ConfigKind::kNumber;
    default:
      return value.kind == ConfigKind::kString;
  }
}

std::string Described(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigKind::kNothing:
      return "";
    case ConfigKind::kList:
      return "a list";
    case ConfigKind::kOther:
      return "a table";
    default:
      return value.text;
  }
}

// One run's options while the layers are laid on top of each other, low to high.
class Layers {
 public:
  explicit Layers(const ConfigSources& sources) : sources_(sources) {}
  LoadedOptions& loaded() { return loaded_; }

  std::optional<Trouble> AddEntries(Layer layer, const std::string& file, const ConfigEntries& entries) {
    std::array<int, 2> off_and_on = {0, 0};
    for (const ConfigEntry& entry : entries) {
      Key key = FindKey(entry.key);
      if (!key.spec) {
        WarnUnknown(entry.key);
        continue;
      }
      if (layer == Layer::kConfigFile && key.spec->name == "config") continue;  // it has been chosen already
      std::string place = file + ":" + std::to_string(entry.line);
      if (auto trouble = AddValue(layer, place, place + ": '" + entry.key + "'", key, entry.value)) return trouble;
      if (key.spec->name == "off") off_and_on[key.is_opposite] += ParseSwitch(entry.value.text).value_or(false);
    }
    if (off_and_on[0] && off_and_on[1]) return Trouble{kExitUsage, file + ": 'on' and 'off' exclude each other"};
    SettleSelection(loaded_.options, layer);
    return std::nullopt;
  }

  std::optional<Trouble> AddEnvironment() {
    for (const RunOption& option : RunOptionSpecs()) {
      const OptionSpec& spec = option.spec;
      // SCALENE_PYTHON is the interpreter that called us, which is less than --python: cli/interpreter reads it.
      if (!spec.configurable || spec.block == HelpBlock::kIgnored || spec.name == "python") continue;
      bool has_opposite = spec.kind == ValueKind::kSwitch;
      if (auto trouble = AddVariable({&spec, false}, EnvironmentName(spec.name))) return trouble;
      if (!spec.alias.empty()) {
        if (auto trouble = AddVariable({&spec, false}, EnvironmentName(spec.alias))) return trouble;
      }
      if (!spec.key_alias.empty()) {
        if (auto trouble = AddVariable({&spec, false}, EnvironmentName(spec.key_alias))) return trouble;
      }
      if (!has_opposite) continue;
      if (auto trouble = AddVariable({&spec, true}, EnvironmentName(OppositeName(spec)))) return trouble;
    }
    if (IsSet("SCALENE_ON") && IsSet("SCALENE_OFF")) {
      return Trouble{kExitUsage, "SCALENE_ON and SCALENE_OFF exclude each other"};
    }
    SettleSelection(loaded_.options, Layer::kEnvironment);
    return std::nullopt;
  }

  std::optional<Trouble> AddCommandLine(const std::vector<GivenOption>& given) {
    bool on = false, off = false;
    for (const GivenOption& option : given) {
      if (option.spec->name == "off") (option.on ? off : on) = true;
      bool is_ignored = option.spec->block == HelpBlock::kIgnored;
      if (option.spec->kind != ValueKind::kSwitch && !is_ignored && !IsValue(*option.spec, option.value)) {
        return BadValue(option.as_written, *option.spec, option.value);
      }
      Assign(loaded_.options, *option.spec, option.on, option.value, {Layer::kCommandLine, "command line"});
    }
    if (on && off) return Trouble{kExitUsage, "--on and --off exclude each other"};
    SettleSelection(loaded_.options, Layer::kCommandLine);
    return std::nullopt;
  }

  std::string_view Variable(std::string_view name) const {
    for (const std::string& variable : sources_.environment) {
      bool is_it = variable.size() > name.size() && variable[name.size()] == '=' && variable.starts_with(name);
      if (is_it) return std::string_view(variable).substr(name.size() + 1);
    }
    return "";
  }

 private:
  bool IsSet(std::string_view name) const { return ParseSwitch(Variable(name)).value_or(false); }

  std::optional<Trouble> AddVariable(Key key, const std::string& name) {
    std::string_view text = Variable(name);
    if (text.empty()) return std::nullopt;
    return AddValue(Layer::kEnvironment, name, name, key, {ConfigKind::kPlain, std::string(text), {}});
  }

  // `place` is the origin; `subject` begins the sentence when the value is wrong.
  std::optional<Trouble> AddValue(Layer layer, const std::string& place, const std::string& subject, Key key,
                                  const ConfigValue& value) {
    const OptionSpec& spec = *key.spec;
    if (spec.block == HelpBlock::kIgnored) return std::nullopt;
    if (!FitsType(spec, value)) return BadValue(subject, spec, Described(value));
    if (value.kind == ConfigKind::kList) {
      AssignList(loaded_.options, spec, value.items, {layer, place});
      return std::nullopt;
    }
    if (!IsValue(spec, value.text)) return BadValue(subject, spec, value.text);
    bool on = ParseSwitch(value.text).value_or(false) != key.is_opposite;
    bool is_path = spec.kind == ValueKind::kPath;
    Assign(loaded_.options, spec, on, is_path ? ExpandHome(value.text, sources_.home) : value.text, {layer, place});
    return std::nullopt;
  }

  void WarnUnknown(const std::string& key) {
    loaded_.warnings.push_back("unknown config option '" + key + "' (ignored)" +
                               DidYouMean(WithDashes(key), AllKeys()));
  }

  const ConfigSources& sources_;
  LoadedOptions loaded_;
};

std::optional<Trouble> AddTomlFile(Layers& layers, Layer layer, const std::string& path, const std::string& text,
                                   const std::vector<std::string_view>& table) {
  Outcome<ConfigEntries> entries = ReadToml(text, path, table);
  if (!entries.ok()) return entries.trouble();
  return layers.AddEntries(layer, path, entries.value());
}

std::optional<Trouble> AddUserFile(Layers& layers, const ConfigSources& sources) {
  if (sources.user_file.empty()) return std::nullopt;
  auto text = ReadSmallFile(sources.user_file, kLargestFile);
  if (!text.ok()) return text.trouble();
  if (!text.value()) return std::nullopt;
  return AddTomlFile(layers, Layer::kUserFile, sources.user_file, *text.value(), {});
}

// The nearest pyproject.toml decides, whether or not it speaks of us: a project inside another is a project.
std::optional<Trouble> AddPyproject(Layers& layers, const ConfigSources& sources) {
  std::string directory = sources.working_directory;
  while (!directory.empty()) {
    std::string path = (directory == "/" ? "" : directory) + "/pyproject.toml";
    auto text = ReadSmallFile(path, kLargestFile);
    if (!text.ok()) return std::nullopt;  // somebody else's file: unreadable is as good as absent
    if (text.value()) {
      if (text.value()->find("scalene") == std::string::npos) return std::nullopt;
      return AddTomlFile(layers, Layer::kPyproject, path, *text.value(), {"tool", "scalene"});
    }
    if (directory == "/") break;
    directory.resize(directory.find_last_of('/'));
    if (directory.empty()) directory = "/";
  }
  return std::nullopt;
}

std::optional<Trouble> AddConfigFile(Layers& layers, const std::string& path) {
  if (path.empty()) return std::nullopt;
  auto text = ReadSmallFile(path, kLargestFile);
  if (!text.ok()) return text.trouble();
  if (!text.value()) return Trouble{kExitUsage, "config file '" + path + "' not found."};
  Outcome<ConfigEntries> entries = ReadYaml(*text.value(), path);
  if (!entries.ok()) return entries.trouble();
  return layers.AddEntries(Layer::kConfigFile, path, entries.value());
}

const GivenOption* LastGiven(const std::vector<GivenOption>& given, std::string_view name) {
  const GivenOption* last = nullptr;
  for (const GivenOption& option : given) {
    if (option.spec->name == name) last = &option;
  }
  return last;
}

// Which file -c means, before its own layer is read: the highest layer that names one.
std::string ConfigFileName(Layers& layers, const std::vector<GivenOption>& given, const std::string& home) {
  if (const GivenOption* option = LastGiven(given, "config")) return option->value;
  std::string_view variable = layers.Variable("SCALENE_CONFIG");
  return variable.empty() ? layers.loaded().options.config : ExpandHome(std::string(variable), home);
}

std::optional<Trouble> AddFilesAndEnvironment(Layers& layers, const std::vector<GivenOption>& given,
                                              const ConfigSources& sources) {
  if (auto trouble = AddUserFile(layers, sources)) return trouble;
  if (auto trouble = AddPyproject(layers, sources)) return trouble;
  if (auto trouble = AddConfigFile(layers, ConfigFileName(layers, given, sources.home))) return trouble;
  return layers.AddEnvironment();
}

}  // namespace

ConfigSources SourcesOfThisProcess() {
  ConfigSources sources;
  sources.working_directory = WorkingDirectory();
  for (char** variable = environ; variable && *variable; ++variable) sources.environment.emplace_back(*variable);
  const char* home = getenv("HOME");
  sources.home = home ? home : "";
  const char* config_home = getenv("XDG_CONFIG_HOME");
  bool is_absolute = config_home && config_home[0] == '/';  // the XDG rules ignore relative ones
  std::string base = is_absolute ? config_home : sources.home.empty() ? "" : sources.home + "/.config";
  if (!base.empty()) sources.user_file = base + "/scalene/config.toml";
  return sources;
}

Outcome<LoadedOptions> LoadRunOptions(const std::vector<GivenOption>& given, const ConfigSources& sources) {
  Layers layers(sources);
  bool no_config = LastGiven(given, "no-config") || ParseSwitch(layers.Variable("SCALENE_NO_CONFIG")).value_or(false);
  if (!no_config) {
    if (auto trouble = AddFilesAndEnvironment(layers, given, sources)) return *trouble;
  } else if (LastGiven(given, "config")) {
    return Trouble{kExitUsage, "--config and --no-config exclude each other"};
  }
  if (auto trouble = layers.AddCommandLine(given)) return *trouble;
  return std::move(layers.loaded());
}

}  // namespace scalene::cli
