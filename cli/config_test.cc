#include "cli/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/config_value.h"
#include "cli/scratch_directory.h"

namespace scalene::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string EnvironmentName(std::string_view key) {
  std::string name = "SCALENE_";
  for (char c : key) name += c == '-' ? '_' : static_cast<char>(toupper(c));
  return name;
}

// A machine whose configuration a test writes down.
class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    sources_.working_directory = scratch_.path();
    sources_.user_file = scratch_.At("home/.config/scalene/config.toml");
    sources_.home = scratch_.At("home");
  }

  void SetUserFile(const std::string& text) { scratch_.Write("home/.config/scalene/config.toml", text); }
  void SetPyproject(const std::string& text) { scratch_.Write("pyproject.toml", "[tool.scalene]\n" + text); }
  void SetVariable(const std::string& name, const std::string& value) {
    sources_.environment.push_back(name + "=" + value);
  }
  void GiveYaml(const std::string& text) { Give({"-c", scratch_.Write("scalene.yaml", text)}); }
  void Give(const Words& words) {
    OptionTable table = RunOptionTable();
    for (size_t at = 0; at < words.size();) {
      auto given = TakeOption(table, words, at);
      ASSERT_TRUE(given.ok() && given.value()) << words[at];
      given_.push_back(*given.value());
    }
  }

  Outcome<LoadedOptions> Load() { return LoadRunOptions(given_, sources_); }
  RunOptions Options() {
    Outcome<LoadedOptions> loaded = Load();
    EXPECT_TRUE(loaded.ok()) << loaded.trouble().text;
    return loaded.ok() ? loaded->options : RunOptions();
  }
  std::string Trouble() {
    Outcome<LoadedOptions> loaded = Load();
    EXPECT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.trouble().exit_status, kExitUsage);
    return loaded.trouble().text;
  }

  ScratchDirectory scratch_;
  ConfigSources sources_;
  std::vector<GivenOption> given_;
};

// ---- Every key in every place: row 24 of the reference's defects. ----

enum class Place { kUserFile, kPyproject, kYaml, kEnvironment, kCommandLine };

struct KeyInPlace {
  const RunOption* option;
  Place place;
};

std::vector<KeyInPlace> EveryKeyInEveryPlace() {
  std::vector<KeyInPlace> cases;
  for (const RunOption& option : RunOptionSpecs()) {
    if (!option.spec.configurable || option.spec.block == HelpBlock::kIgnored) continue;
    for (Place place : {Place::kUserFile, Place::kPyproject, Place::kYaml, Place::kEnvironment, Place::kCommandLine}) {
      bool is_callers_interpreter = option.spec.name == "python" && place == Place::kEnvironment;
      if (is_callers_interpreter || option.spec.name == "config") continue;
      cases.push_back({&option, place});
    }
  }
  return cases;
}

// A value that is not the default, and a second one.
std::string SampleValue(const RunOption& option, bool second = false) {
  switch (option.spec.kind) {
    case ValueKind::kSwitch: {
      auto field = std::get<bool RunOptions::*>(option.field);
      return RunOptions().*field != second ? "false" : "true";
    }
    case ValueKind::kReal:
      return second ? "0.75" : "0.5";
    case ValueKind::kInteger:
      return second ? "9" : "7";
    case ValueKind::kChoice:
      return second ? "always" : "never";
    case ValueKind::kList:
      return second ? "c,d" : "a,b";
    default:
      return second ? "/other" : "/some";
  }
}

bool IsQuotedInToml(ValueKind kind) {
  return kind == ValueKind::kPath || kind == ValueKind::kText || kind == ValueKind::kChoice || kind == ValueKind::kList;
}

class EveryKeyTest : public ConfigTest, public ::testing::WithParamInterface<KeyInPlace> {
 protected:
  void Set(Place place, const OptionSpec& spec, const std::string& value) {
    std::string key(spec.name);
    std::string toml = key + " = " + (IsQuotedInToml(spec.kind) ? "\"" + value + "\"" : value) + "\n";
    switch (place) {
      case Place::kUserFile:
        return SetUserFile(toml);
      case Place::kPyproject:
        return SetPyproject(toml);
      case Place::kYaml:
        return GiveYaml(key + ": " + value + "\n");
      case Place::kEnvironment:
        return SetVariable(EnvironmentName(key), value);
      case Place::kCommandLine:
        break;
    }
    if (spec.kind != ValueKind::kSwitch) return Give({"--" + key, value});
    Give({"--" + (value == "true" ? key : OppositeName(spec))});
  }

  Setting SettingOf(std::string_view name) {
    for (const Setting& setting : Settings(Options())) {
      if (setting.name == name) return setting;
    }
    return {};
  }
};

TEST_P(EveryKeyTest, TakesEffectAndNamesItsOrigin) {
  const auto& [option, place] = GetParam();
  Set(place, option->spec, SampleValue(*option));
  Setting setting = SettingOf(option->spec.name);
  EXPECT_EQ(setting.value, SampleValue(*option));
  const std::string origins[] = {"config.toml:1", "pyproject.toml:2", "scalene.yaml:1",
                                 EnvironmentName(option->spec.name), "command line"};
  EXPECT_THAT(setting.origin, HasSubstr(origins[static_cast<size_t>(place)]));
}

TEST_P(EveryKeyTest, BeatsTheLayerBelow) {
  const auto& [option, place] = GetParam();
  if (place == Place::kUserFile) return;  // nothing is below it but the defaults
  Set(static_cast<Place>(static_cast<int>(place) - 1), option->spec, SampleValue(*option, true));
  if (option->spec.name == "python" && place == Place::kCommandLine) sources_.environment.clear();
  Set(place, option->spec, SampleValue(*option));
  EXPECT_EQ(SettingOf(option->spec.name).value, SampleValue(*option));
}

std::string NameOfCase(const ::testing::TestParamInfo<KeyInPlace>& tested) {
  const std::string places[] = {"User", "Pyproject", "Yaml", "Environment", "CommandLine"};
  std::string name(tested.param.option->spec.name);
  std::erase(name, '-');
  return name + "In" + places[static_cast<size_t>(tested.param.place)];
}

INSTANTIATE_TEST_SUITE_P(Keys, EveryKeyTest, ::testing::ValuesIn(EveryKeyInEveryPlace()), NameOfCase);

// ---- Spelling and types ----

TEST_F(ConfigTest, KeysMayBeWrittenWithUnderscores) {
  GiveYaml("cpu_percent_threshold: 5\nprofile_all: yes\n");
  EXPECT_EQ(Options().cpu_percent_threshold, 5);
  EXPECT_TRUE(Options().profile_all);
}

TEST_F(ConfigTest, OldNamesAndOppositesAreKeysToo) {
  GiveYaml("output: x.json\nasync: false\nno-children: true\n");
  EXPECT_EQ(Options().outfile, "x.json");
  EXPECT_FALSE(Options().async_tasks);
  EXPECT_FALSE(Options().children);
}

TEST_F(ConfigTest, OnAndOffAreOneSwitch) {
  GiveYaml("on: false\n");
  EXPECT_TRUE(Options().start_off);
  Give({"--on"});
  EXPECT_FALSE(Options().start_off);
}

TEST_F(ConfigTest, OnAndOffTogetherAreRefused) {
  Give({"--on", "--off"});
  EXPECT_EQ(Trouble(), "--on and --off exclude each other");
}

TEST_F(ConfigTest, ListsMayBeListsOrText) {
  SetPyproject("profile-only = ['a', 'b c']\n");
  GiveYaml("profile-exclude:\n  - x\n  - y\n");
  EXPECT_THAT(Options().profile_only, ElementsAre("a", "b c"));
  EXPECT_THAT(Options().profile_exclude, ElementsAre("x", "y"));
}

TEST_F(ConfigTest, HomeIsExpandedInPaths) {
  GiveYaml("outfile: ~/p.json\n");
  EXPECT_EQ(Options().outfile, scratch_.At("home/p.json"));
}

TEST_F(ConfigTest, OldKeysAreIgnoredInSilence) {
  GiveYaml("json: true\nweb: false\nport: 1\n");
  auto loaded = Load();
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST_F(ConfigTest, UnknownKeyIsAWarningWithTheNearest) {
  GiveYaml("cpu-onyl: true\nxyzzy: 1\n");
  auto loaded = Load();
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(loaded->warnings, ElementsAre("unknown config option 'cpu-onyl' (ignored); did you mean 'cpu-only'?",
                                            "unknown config option 'xyzzy' (ignored)"));
}

TEST_F(ConfigTest, OtherVariablesAreNotOurs) {
  SetVariable("SCALENE_COLLECTOR", "x");
  SetVariable("SCALENE_PYTHON", "/x/python");
  SetVariable("SCALENE_CPU_ONLY", "");
  auto loaded = Load();
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(loaded->warnings, IsEmpty());
  EXPECT_EQ(loaded->options.python, "");
  EXPECT_FALSE(loaded->options.cpu_only);
}

TEST_F(ConfigTest, WrongTypesNameFileLineAndKey) {
  SetPyproject("\nstacks = \"no\"\n");
  EXPECT_EQ(Trouble(), scratch_.At("pyproject.toml") + ":3: 'stacks' must be true or false, not 'no'");
  SetPyproject("cpu-sampling-rate = [1]\n");
  EXPECT_THAT(Trouble(), HasSubstr("pyproject.toml:2: 'cpu-sampling-rate' must be a number above 0 and at most 60"));
  SetPyproject("outfile = 5\n");
  EXPECT_THAT(Trouble(), HasSubstr("'outfile' must be a path, not '5'"));
}

TEST_F(ConfigTest, YamlOfTheWrongTypeNamesFileLineAndKey) {
  GiveYaml("# a comment\nstacks:\n  a: 1\n");
  EXPECT_THAT(Trouble(), HasSubstr("scalene.yaml:2: 'stacks' must be true or false, not 'a table'"));
}

// Row 52.
TEST_F(ConfigTest, NumbersOutOfRangeAreRefusedEverywhere) {
  for (const char* window : {"0", "-1", "x", "1.5", "99999999999999999999"}) {
    given_.clear();
    sources_.environment.clear();
    Give({"--allocation-sampling-window", window});
    EXPECT_EQ(Trouble(),
              "--allocation-sampling-window must be a whole number of at least 1, not '" + std::string(window) + "'");
    given_.clear();
    SetVariable("SCALENE_ALLOCATION_SAMPLING_WINDOW", window);
    EXPECT_THAT(Trouble(), HasSubstr("SCALENE_ALLOCATION_SAMPLING_WINDOW must be"));
    sources_.environment.clear();
    GiveYaml(std::string("allocation-sampling-window: ") + window + "\n");
    EXPECT_THAT(Trouble(), HasSubstr("scalene.yaml:1: 'allocation-sampling-window' must be"));
  }
}

TEST_F(ConfigTest, BoundsAreThoseOfTheDocumentation) {
  struct {
    const char *option, *bad, *good;
  } const bounds[] = {{"--cpu-sampling-rate", "0", "60"},
                      {"--cpu-sampling-rate", "60.1", "0.0001"},
                      {"--cpu-sampling-rate", "nan", "1e-3"},
                      {"--profile-interval", "0", "0.1"},
                      {"--profile-interval", "inf", "5"},
                      {"--cpu-percent-threshold", "-1", "0"},
                      {"--malloc-threshold", "-1", "0"},
                      {"--color", "sometimes", "always"},
                      {"--outfile", "", "x"}};
  for (const auto& bound : bounds) {
    given_.clear();
    Give({bound.option, bound.good});
    EXPECT_TRUE(Load().ok()) << bound.option << " " << bound.good;
    Give({bound.option, bound.bad});
    EXPECT_THAT(Trouble(), HasSubstr(std::string(bound.option) + " must be "));
  }
}

// ---- The three that are one choice ----

TEST_F(ConfigTest, EverythingIsOnByDefault) { EXPECT_TRUE(Options().memory && Options().gpu && !Options().cpu_only); }

TEST_F(ConfigTest, NamingOneMetricSwitchesTheOthersOff) {
  Give({"--memory"});
  EXPECT_TRUE(Options().memory);
  EXPECT_FALSE(Options().gpu);
  Give({"--gpu"});
  EXPECT_TRUE(Options().memory && Options().gpu);
}

TEST_F(ConfigTest, SayingNoToOneLeavesTheOther) {
  GiveYaml("memory: false\n");
  EXPECT_FALSE(Options().memory);
  EXPECT_TRUE(Options().gpu);
}

TEST_F(ConfigTest, HigherLayerChoosesAnew) {
  SetPyproject("cpu-only = true\n");
  EXPECT_FALSE(Options().memory || Options().gpu);
  Give({"--gpu"});
  EXPECT_TRUE(Options().gpu);
  EXPECT_FALSE(Options().memory || Options().cpu_only);
}

TEST_F(ConfigTest, HigherLayerTakesCpuOnlyBack) {
  SetPyproject("cpu-only = true\n");
  SetVariable("SCALENE_CPU_ONLY", "0");
  EXPECT_TRUE(Options().memory && Options().gpu && !Options().cpu_only);
}

TEST_F(ConfigTest, OnlyWhatWasAskedForIsReportedAsUnmeasured) {
  EXPECT_THAT(UnmeasuredMetrics(Options()), IsEmpty());
  GiveYaml("memory: false\nasync: true\n");
  EXPECT_THAT(UnmeasuredMetrics(Options()), ElementsAre("await"));
  Give({"--memory", "--gpu"});
  EXPECT_THAT(UnmeasuredMetrics(Options()), ElementsAre("GPU", "await"));
}

// ---- Files ----

TEST_F(ConfigTest, NearestPyprojectCounts) {
  SetPyproject("outfile = 'outer'\n");
  sources_.working_directory = scratch_.At("a/b");
  scratch_.Write("a/b/x", "");
  EXPECT_EQ(Options().outfile, "outer");
  scratch_.Write("a/pyproject.toml", "[project]\nname = 'other'\n");
  EXPECT_EQ(Options().outfile, "scalene-profile.json");
}

TEST_F(ConfigTest, BrokenPyprojectOfSomebodyElseDoesNotStopUs) {
  scratch_.Write("pyproject.toml", "[project\n");
  EXPECT_TRUE(Load().ok());
  SetPyproject("= 1\n");
  EXPECT_THAT(Trouble(), HasSubstr("invalid TOML in config file: " + scratch_.At("pyproject.toml") + ":2: "));
}

TEST_F(ConfigTest, NoConfigIgnoresFilesAndEnvironment) {
  SetUserFile("outfile = 'a'\n");
  SetVariable("SCALENE_OUTFILE", "b");
  Give({"--no-config"});
  EXPECT_EQ(Options().outfile, "scalene-profile.json");
}

TEST_F(ConfigTest, ConfigFileMayBeNamedBelow) {
  SetPyproject("config = '" + scratch_.Write("named.yaml", "quiet: true\n") + "'\n");
  EXPECT_TRUE(Options().quiet);
}

TEST_F(ConfigTest, MissingConfigFileIsNamed) {
  Give({"-c", "/no/such.yaml"});
  EXPECT_EQ(Trouble(), "config file '/no/such.yaml' not found.");
}

TEST_F(ConfigTest, DirectoryAsConfigFileIsNamed) {
  Give({"-c", scratch_.path()});
  EXPECT_EQ(Trouble(), "cannot read " + scratch_.path() + ": Is a directory");
}

// ---- YAML ----

std::string YamlTrouble(std::string_view text) {
  auto entries = ReadYaml(text, "F");
  EXPECT_FALSE(entries.ok()) << text;
  return entries.ok() ? "" : entries.trouble().text;
}

TEST(YamlTest, EmptyFilesAreFine) {
  for (const char* text : {"", "\n", "# nothing\n", "---\n", "--- ~\n", "{}"}) {
    auto entries = ReadYaml(text, "F");
    ASSERT_TRUE(entries.ok()) << text;
    EXPECT_TRUE(entries->empty());
  }
}

TEST(YamlTest, OtherThanAMappingIsNamed) {
  EXPECT_EQ(YamlTrouble("- a\n- [b, {c: d}]\n"), "config file must contain a YAML mapping (got list)");
  EXPECT_EQ(YamlTrouble("text\n"), "config file must contain a YAML mapping (got str)");
  EXPECT_EQ(YamlTrouble("12\n"), "config file must contain a YAML mapping (got int)");
}

TEST(YamlTest, AnchorsTagsAndSeveralDocumentsAreRefusedWithTheirLine) {
  EXPECT_EQ(YamlTrouble("a: 1\nb: &x 2\n"), "invalid YAML in config file: F:2: anchors are not allowed");
  EXPECT_THAT(YamlTrouble("a: &x 1\nb: *x\n"), HasSubstr("F:1: anchors"));
  EXPECT_EQ(YamlTrouble("a: 1\nb: !!str 2\n"), "invalid YAML in config file: F:2: tags are not allowed");
  EXPECT_EQ(YamlTrouble("a: 1\n---\nb: 2\n"), "invalid YAML in config file: F:2: only one document is allowed");
}

TEST(YamlTest, ErrorsNameTheirLine) { EXPECT_THAT(YamlTrouble("a: 1\nb: [1,\n"), HasSubstr("config file: F:")); }

TEST(YamlTest, DeepNestingIsRefused) {
  EXPECT_THAT(YamlTrouble("a: " + std::string(5000, '[')), HasSubstr("invalid YAML in config file: F:1: "));
}

TEST(YamlTest, QuotedTextIsNoNumber) {
  auto entries = ReadYaml("a: '1'\nb: 1\nc:\n", "F");
  ASSERT_TRUE(entries.ok());
  EXPECT_EQ((*entries.value().begin()).value.kind, ConfigKind::kString);
  EXPECT_EQ(entries.value()[1].value.kind, ConfigKind::kPlain);
  EXPECT_EQ(entries.value()[2].value.kind, ConfigKind::kNothing);
}

// ---- TOML ----

// Both undefined behaviour in toml++ 3.3 as it comes, see config_toml.cc.
TEST(TomlTest, MalformedKeysAreErrors) {
  EXPECT_FALSE(ReadToml("[:a 4:a ", "F", {}).ok());
  EXPECT_FALSE(ReadToml("\xc4\x81 = 1\n", "F", {}).ok());
}

TEST(TomlTest, TableThatIsAbsentIsEmpty) {
  for (const char* text : {"", "[tool]\n", "tool = 1\n", "[tool.other]\na = 1\n"}) {
    auto entries = ReadToml(text, "F", {"tool", "scalene"});
    ASSERT_TRUE(entries.ok()) << text;
    EXPECT_TRUE(entries->empty());
  }
}

}  // namespace
}  // namespace scalene::cli
