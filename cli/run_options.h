// The options of `scalene run`: their one table, and RunOptions, the values in force with the origin of each.
//
//   built-in < user file < pyproject.toml < -c file < SCALENE_* < command line        (cli/config puts the layers together)
//
// A value is set only through Assign, which checks it and notes its origin. RunOptions is a value; no synchronisation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "cli/option_spec.h"

namespace scalene::cli {

// From low to high.
enum class Layer : uint8_t { kBuiltIn, kUserFile, kPyproject, kConfigFile, kEnvironment, kCommandLine };

// Where a value came from: "command line", "SCALENE_CPU_ONLY", "/etc/x.yaml:3".
struct Origin {
  Layer layer = Layer::kBuiltIn;
  std::string place;
};

struct RunOptions {
  std::string outfile = "scalene-profile.json";  // as given; cli/output_path resolves it
  std::string config, python, program_path, capture, color = "auto";
  std::vector<std::string> profile_only, profile_exclude;

  bool cpu_only = false, memory = true, gpu = true;  // consistent after SettleSelection
  bool profile_all = false, profile_system_libraries = false;
  bool stacks = true, async_tasks = true, memory_leak_detector = true, exec_text = false;
  bool use_virtual_time = false, start_off = false, disable_jit = false, children = true;
  bool clobber = true, no_config = false, quiet = false, show_in_terminal = false, live = false;
  bool ignored_switch = false;  // target of the options that are accepted without effect
  std::string ignored_value;

  double cpu_sampling_rate_sec = 0.01;
  double cpu_percent_threshold = 1;
  double profile_interval_sec = 0;               // 0: only at the end
  int64_t allocation_sampling_window = 1048576;  // bytes
  int64_t malloc_threshold = 0;                  // allocations; in force only when HasOrigin("malloc-threshold")

  std::vector<Origin> origins;  // parallel to RunOptionSpecs(); empty: all built-in

  const Origin& OriginOf(std::string_view name) const;
  bool IsGiven(std::string_view name) const { return OriginOf(name).layer != Layer::kBuiltIn; }
};

using RunField = std::variant<bool RunOptions::*, std::string RunOptions::*, std::vector<std::string> RunOptions::*,
                              double RunOptions::*, int64_t RunOptions::*>;

struct RunOption {
  OptionSpec spec;
  RunField field;
  std::string_view needs_metric;  // a metric that this version does not measure yet: "memory", "GPU", "await"
};

std::span<const RunOption> RunOptionSpecs();

// Sets one option from text. The text must be a value of it (IsValue); lists are split at commas.
void Assign(RunOptions& options, const OptionSpec& spec, bool on, std::string_view text, Origin origin);
void AssignList(RunOptions& options, const OptionSpec& spec, std::vector<std::string> items, Origin origin);

// Settles --cpu-only, --memory and --gpu after one layer has been assigned. They are one choice: a layer that names some
// of them says no to the others.
void SettleSelection(RunOptions& options, Layer layer);

// "--cpu-sampling-rate must be a number above 0 and at most 60, not 'x'"
Trouble BadValue(std::string_view where, const OptionSpec& spec, std::string_view value);

// An option as `config --show` and the profile's `ext` list it.
struct Setting {
  std::string name, value, origin;
  bool is_default = true;
};
std::vector<Setting> Settings(const RunOptions& options);

// The metrics that somebody asked for by name and that this version does not measure, each once.
std::vector<std::string> UnmeasuredMetrics(const RunOptions& options);

}  // namespace scalene::cli
