#include "cli/run_options.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "cli/commands.h"

namespace scalene::cli {
namespace {

constexpr auto kSwitch = ValueKind::kSwitch;
constexpr auto kBasic = HelpBlock::kBasic;
constexpr auto kAdvanced = HelpBlock::kAdvanced;
constexpr auto kIgnored = HelpBlock::kIgnored;

constexpr OptionSpec IgnoredSwitch(std::string_view name) { return {.name = name, .block = kIgnored}; }

constexpr OptionSpec IgnoredValue(std::string_view name) {
  return {.name = name, .kind = ValueKind::kText, .argument = "N", .block = kIgnored};
}

// The only list of the options of `run`.
constexpr RunOption kRunOptions[] = {
    {{.name = "outfile",
      .letter = 'o',
      .kind = ValueKind::kPath,
      .argument = "FILE",
      .help = "write the profile here; - is stdout, %p the process id, .json is added to a name without extension",
      .standard = "scalene-profile.json",
      .key_alias = "output"},
     &RunOptions::outfile},
    {{.name = "cpu-only", .help = "measure CPU time only: no memory, no GPU", .alias = "cpu"}, &RunOptions::cpu_only},
    {{.name = "memory", .help = "measure CPU and memory; others only if named too"}, &RunOptions::memory},
    {{.name = "gpu", .help = "measure CPU and GPU; others only if named too"}, &RunOptions::gpu, "GPU"},
    {{.name = "config",
      .letter = 'c',
      .kind = ValueKind::kPath,
      .argument = "FILE",
      .help = "read options from this YAML file"},
     &RunOptions::config},
    {{.name = "python", .kind = ValueKind::kPath, .argument = "PATH", .help = "the interpreter that runs the program"},
     &RunOptions::python},
    {{.name = "profile-all", .help = "profile every file, standard library and installed packages included"},
     &RunOptions::profile_all},
    {{.name = "profile-only",
      .kind = ValueKind::kList,
      .argument = "A,B",
      .help = "profile only files that match one of these"},
     &RunOptions::profile_only},
    {{.name = "profile-exclude",
      .kind = ValueKind::kList,
      .argument = "A,B",
      .help = "do not profile files that match one of these"},
     &RunOptions::profile_exclude},
    {{.name = "program-path",
      .kind = ValueKind::kPath,
      .argument = "DIR",
      .help = "profile the files below this directory",
      .standard = "the program's directory"},
     &RunOptions::program_path},
    {{.name = "cli", .help = "show the profile in the terminal when the program has ended"},
     &RunOptions::show_in_terminal},
    {{.name = "live", .help = "show the page while the program runs; it moves on every second"}, &RunOptions::live},
    {{.name = "off",
      .help = "start without profiling; --on takes an --off back",
      .negative = "on",
      .shown = ShownAs::kBoth},
     &RunOptions::start_off},
    {{.name = "help", .letter = 'h', .help = "show this help", .configurable = false}, &RunOptions::ignored_switch},
    {{.name = "help-advanced", .help = "show the other options", .configurable = false}, &RunOptions::ignored_switch},

    {{.name = "profile-system-libraries",
      .help = "count the standard library and installed packages as program files",
      .block = kAdvanced},
     &RunOptions::profile_system_libraries},
    {{.name = "stacks",
      .help = "record call stacks",
      .standard = "on",
      .block = kAdvanced,
      .shown = ShownAs::kNegative},
     &RunOptions::stacks},
    {{.name = "async",
      .help = "attribute waiting to await lines",
      .standard = "on",
      .block = kAdvanced,
      .shown = ShownAs::kNegative},
     &RunOptions::async_tasks,
     "await"},
    {{.name = "use-virtual-time", .help = "measure CPU time only: no waiting, no idle time", .block = kAdvanced},
     &RunOptions::use_virtual_time},
    {{.name = "cpu-sampling-rate",
      .kind = ValueKind::kReal,
      .argument = "SECONDS",
      .help = "mean time between samples of a running thread",
      .standard = "0.01",
      .block = kAdvanced,
      .bounds = {0, 60, true}},
     &RunOptions::cpu_sampling_rate_sec},
    {{.name = "allocation-sampling-window",
      .kind = ValueKind::kInteger,
      .argument = "BYTES",
      .help = "mean number of bytes between samples of allocations",
      .standard = "1048576",
      .block = kAdvanced,
      .bounds = {.low = 1}},
     &RunOptions::allocation_sampling_window},
    {{.name = "cpu-percent-threshold",
      .kind = ValueKind::kReal,
      .argument = "PERCENT",
      .help = "report files with at least this share of the time",
      .standard = "1",
      .block = kAdvanced,
      .bounds = {.low = 0}},
     &RunOptions::cpu_percent_threshold},
    {{.name = "malloc-threshold",
      .kind = ValueKind::kInteger,
      .argument = "N",
      .help = "report files with at least this many allocations",
      .standard = "from 1 MiB allocated",
      .block = kAdvanced,
      .bounds = {.low = 0}},
     &RunOptions::malloc_threshold},
    {{.name = "memory-leak-detector",
      .help = "report likely leaks",
      .standard = "on",
      .block = kAdvanced,
      .shown = ShownAs::kNegative},
     &RunOptions::memory_leak_detector},
    {{.name = "profile-interval",
      .kind = ValueKind::kReal,
      .argument = "SECONDS",
      .help = "rewrite the profile this often while the program runs",
      .standard = "only at the end",
      .block = kAdvanced,
      .bounds = {.low = 0, .above_low = true}},
     &RunOptions::profile_interval_sec},
    {{.name = "disable-jit", .help = "set JAX_DISABLE_JIT=1 and PYTORCH_JIT=0 unless they are set", .block = kAdvanced},
     &RunOptions::disable_jit},
    {{.name = "children",
      .help = "profile child processes",
      .standard = "on",
      .block = kAdvanced,
      .shown = ShownAs::kNegative},
     &RunOptions::children},
    {{.name = "exec-text", .help = "keep the text of exec'd code; slows down imports and copies", .block = kAdvanced},
     &RunOptions::exec_text},
    {{.name = "capture",
      .kind = ValueKind::kPath,
      .argument = "FILE",
      .help = "keep the raw records too, for 'scalene dump'",
      .block = kAdvanced},
     &RunOptions::capture},
    {{.name = "clobber",
      .help = "overwrite an existing profile",
      .standard = "on",
      .block = kAdvanced,
      .shown = ShownAs::kNegative},
     &RunOptions::clobber},
    {{.name = "no-config",
      .help = "read no configuration file and no SCALENE_ variable",
      .block = kAdvanced,
      .configurable = false},
     &RunOptions::no_config},
    {{.name = "quiet", .help = "print nothing when all went well", .block = kAdvanced}, &RunOptions::quiet},
    {{.name = "color",
      .kind = ValueKind::kChoice,
      .argument = "WHEN",
      .help = "colour our own lines: auto, always or never",
      .standard = "auto",
      .block = kAdvanced,
      .choices = "auto|always|never"},
     &RunOptions::color},

    {IgnoredSwitch("use-legacy-tracer"), &RunOptions::ignored_switch},
    {IgnoredSwitch("use-python-callback"), &RunOptions::ignored_switch},
    {IgnoredSwitch("json"), &RunOptions::ignored_switch},
    {IgnoredSwitch("web"), &RunOptions::ignored_switch},
    {IgnoredSwitch("html"), &RunOptions::ignored_switch},
    {IgnoredSwitch("no-browser"), &RunOptions::ignored_switch},
    {IgnoredSwitch("viewer"), &RunOptions::ignored_switch},
    {IgnoredSwitch("reduced-profile"), &RunOptions::ignored_switch},
    {IgnoredSwitch("ipython"), &RunOptions::ignored_switch},
    {IgnoredValue("column-width"), &RunOptions::ignored_value},
    {IgnoredValue("port"), &RunOptions::ignored_value},
    {IgnoredValue("pid"), &RunOptions::ignored_value},
};
constexpr size_t kRunOptionCount = std::size(kRunOptions);

size_t IndexOf(std::string_view name) {
  for (size_t i = 0; i < kRunOptionCount; ++i) {
    if (kRunOptions[i].spec.name == name) return i;
  }
  return kRunOptionCount;
}

const RunField& FieldOf(const OptionSpec& spec) { return kRunOptions[IndexOf(spec.name)].field; }

void NoteOrigin(RunOptions& options, std::string_view name, Origin origin) {
  options.origins.resize(kRunOptionCount);
  options.origins[IndexOf(name)] = std::move(origin);
}

std::string NumberText(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string Joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
  return text;
}

struct ValueText {
  const RunOptions& options;
  std::string operator()(bool RunOptions::*field) const { return options.*field ? "true" : "false"; }
  std::string operator()(std::string RunOptions::*field) const { return options.*field; }
  std::string operator()(std::vector<std::string> RunOptions::*field) const { return Joined(options.*field); }
  std::string operator()(double RunOptions::*field) const { return NumberText(options.*field); }
  std::string operator()(int64_t RunOptions::*field) const { return std::to_string(options.*field); }
};

struct SetFromText {
  RunOptions& options;
  const OptionSpec& spec;
  bool on;
  std::string_view text;
  void operator()(bool RunOptions::*field) const { options.*field = on; }
  void operator()(std::string RunOptions::*field) const { options.*field = text; }
  void operator()(std::vector<std::string> RunOptions::*field) const { options.*field = SplitList(text); }
  void operator()(double RunOptions::*field) const { options.*field = ParseReal(spec, text).value_or(0); }
  void operator()(int64_t RunOptions::*field) const { options.*field = ParseInteger(spec, text).value_or(0); }
};

}  // namespace

const Origin& RunOptions::OriginOf(std::string_view name) const {
  static const Origin kBuiltInOrigin;
  size_t index = IndexOf(name);
  return index < origins.size() ? origins[index] : kBuiltInOrigin;
}

std::span<const RunOption> RunOptionSpecs() { return kRunOptions; }

void Assign(RunOptions& options, const OptionSpec& spec, bool on, std::string_view text, Origin origin) {
  std::visit(SetFromText{options, spec, on, text}, FieldOf(spec));
  NoteOrigin(options, spec.name, std::move(origin));
}

void AssignList(RunOptions& options, const OptionSpec& spec, std::vector<std::string> items, Origin origin) {
  options.*std::get<std::vector<std::string> RunOptions::*>(FieldOf(spec)) = std::move(items);
  NoteOrigin(options, spec.name, std::move(origin));
}

void SettleSelection(RunOptions& options, Layer layer) {
  auto is_named = [&](std::string_view name) { return options.OriginOf(name).layer == layer; };
  bool cpu_named = is_named("cpu-only") && options.cpu_only;
  bool memory_named = is_named("memory") && options.memory;
  bool gpu_named = is_named("gpu") && options.gpu;
  if (cpu_named || memory_named || gpu_named) {
    Origin origin = options.OriginOf(cpu_named ? "cpu-only" : memory_named ? "memory" : "gpu");
    options.memory = memory_named;
    options.gpu = gpu_named;
    if (!is_named("memory")) NoteOrigin(options, "memory", origin);
    if (!is_named("gpu")) NoteOrigin(options, "gpu", origin);
  } else if (is_named("cpu-only") && !options.memory && !options.gpu) {  // a lower layer's choice is taken back
    options.memory = !is_named("memory");
    options.gpu = !is_named("gpu");
  }
  options.cpu_only = !options.memory && !options.gpu;
}

Trouble BadValue(std::string_view where, const OptionSpec& spec, std::string_view value) {
  std::string text(where);
  text += " must be " + WantedValue(spec) + ", not '" + std::string(value) + "'";
  return {kExitUsage, std::move(text)};
}

std::vector<Setting> Settings(const RunOptions& options) {
  std::vector<Setting> settings;
  for (const RunOption& option : kRunOptions) {
    if (!option.spec.configurable || option.spec.block == kIgnored) continue;
    const Origin& origin = options.OriginOf(option.spec.name);
    bool is_default = origin.layer == Layer::kBuiltIn;
    bool use_standard = is_default && !option.spec.standard.empty() && option.spec.kind != kSwitch;
    std::string value(option.spec.standard);
    if (!use_standard) value = std::visit(ValueText{options}, option.field);
    settings.push_back({std::string(option.spec.name), value, is_default ? "default" : origin.place, is_default});
  }
  return settings;
}

std::vector<std::string> UnmeasuredMetrics(const RunOptions& options) {
  std::vector<std::string> metrics;
  for (const RunOption& option : kRunOptions) {
    if (option.needs_metric.empty() || !options.IsGiven(option.spec.name)) continue;
    bool RunOptions::*const* field = std::get_if<bool RunOptions::*>(&option.field);
    if (field && !(options.**field)) continue;
    if (std::ranges::find(metrics, option.needs_metric) == metrics.end()) metrics.emplace_back(option.needs_metric);
  }
  return metrics;
}

OptionTable RunOptionTable() {
  OptionTable table;
  for (const RunOption& option : kRunOptions) table.push_back(&option.spec);
  return table;
}

}  // namespace scalene::cli
