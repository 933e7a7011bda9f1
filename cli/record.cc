// Record: from a settled request to the written profile. Everything that could be wrong beforehand has been checked.
#include "cli/record.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/agent_library.h"
#include "cli/live_page.h"
#include "cli/messages.h"
#include "cli/run_report.h"
#include "cli/saved_message.h"
#include "cli/version.h"
#include "collector/launcher.h"
#include "collector/recording.h"
#include "profile/document_builder.h"
#include "profile/document_check.h"
#include "profile/json_text.h"
#include "render/html.h"
#include "render/profile_file.h"

namespace scalene::cli {
namespace {

constexpr double kLiveIntervalSec = 1;  // of rewriting the profile, unless --profile-interval says otherwise

// The agent under a path that LD_PRELOAD can hold: its own, or a private link that lives as long as this object.
class PreloadPath {
 public:
  explicit PreloadPath(std::string library) : path_(std::move(library)) {
    if (IsPreloadablePath(path_)) return;
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    std::string pattern =
        std::string(runtime != nullptr && IsPreloadablePath(runtime) ? runtime : "/tmp") + "/scalene-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) return;
    directory_ = pattern;
    link_ = directory_ + "/libscalene_agent.so";
    if (symlink(path_.c_str(), link_.c_str()) == 0) path_ = link_;
  }
  ~PreloadPath() {
    if (!link_.empty()) unlink(link_.c_str());
    if (!directory_.empty()) rmdir(directory_.c_str());
  }
  PreloadPath(const PreloadPath&) = delete;
  PreloadPath& operator=(const PreloadPath&) = delete;
  const std::string& get() const { return path_; }
  bool usable() const { return IsPreloadablePath(path_) && access(path_.c_str(), R_OK) == 0; }

 private:
  std::string path_, directory_, link_;
};

std::string Joined(const std::vector<std::string>& patterns) {
  std::string text;
  for (const std::string& pattern : patterns) text += (text.empty() ? "" : ",") + pattern;
  return text;
}

profile::FilterOptions FilterOptionsOf(const RecordingRequest& request) {
  profile::FilterOptions filter;
  filter.root = request.plan.root;
  filter.directory = request.plan.working_directory;
  if (const char* home = std::getenv("HOME")) filter.home = home;
  if (request.plan.kind == ProgramKind::kCode) filter.program_text = "<string>";
  if (request.plan.kind == ProgramKind::kStdin) filter.program_text = "<stdin>";
  filter.profile_all = request.options.profile_all;
  filter.profile_only = Joined(request.options.profile_only);
  filter.profile_exclude = Joined(request.options.profile_exclude);
  filter.profile_system_libraries = request.options.profile_system_libraries;
  return filter;
}

collector::RecordingOptions RecordingOptionsOf(const RecordingRequest& request, const std::string& agent) {
  collector::RecordingOptions options;
  options.launch.executable = request.plan.executable;
  options.launch.argv = request.plan.argv;
  options.launch.environment_changes = request.plan.environment_changes;
  options.launch.agent_path = agent;
  const char* preload = std::getenv("LD_PRELOAD");
  if (preload == nullptr || !collector::BeginsWithSanitizer(preload))
    options.launch.sanitizer = request.plan.interpreter_facts.sanitizer;
  options.interval_sec = request.options.cpu_sampling_rate_sec;
  options.start_enabled = !request.options.start_off;
  options.follow_children = request.options.children;
  options.keep_stacks = request.options.stacks;
  if (request.options.memory) options.memory_window = static_cast<uint64_t>(request.options.allocation_sampling_window);
  options.read_tasks = request.options.async_tasks;
  options.look_at_waits = !request.options.use_virtual_time;
  options.write_interval_sec = request.options.profile_interval_sec;
  if (request.options.live && options.write_interval_sec == 0) options.write_interval_sec = kLiveIntervalSec;
  if (request.capture) options.capture_path = request.capture->path;
  options.filter = FilterOptionsOf(request);
  return options;
}

// An option's value as JSON: numbers and switches as they are, everything else a string. What is not set is null; for
// people its standard is a phrase ("only at the end").
std::string OptionText(const std::string& value, bool is_default) {
  if (is_default && (value.empty() || value.find(' ') != std::string::npos)) return "null";
  if (value == "true" || value == "false") return value;
  char* end = nullptr;
  std::strtod(value.c_str(), &end);
  if (!value.empty() && *end == '\0') return value;
  std::string json;
  profile::AppendJsonString(value, json);
  return json;
}

// The words of the profile format for where a value came from.
std::string OriginWord(Layer layer) {
  switch (layer) {
    case Layer::kBuiltIn:
      return "default";
    case Layer::kUserFile:
      return "user";
    case Layer::kPyproject:
      return "pyproject";
    case Layer::kConfigFile:
      return "config";
    case Layer::kEnvironment:
      return "environment";
    case Layer::kCommandLine:
      return "command line";
  }
  return "default";
}

profile::DocumentOptions DocumentOptionsOf(const RecordingRequest& request) {
  profile::DocumentOptions options;
  options.args = request.plan.display_args;
  const LaunchPlan& plan = request.plan;
  options.program = plan.program.empty() ? plan.module : plan.program;  // a module found by the interpreter only
  options.root = request.plan.root;
  options.entrypoint_dir = request.plan.entrypoint_dir;
  options.cpu_percent_threshold = request.options.cpu_percent_threshold;
  options.stacks = request.options.stacks;
  options.async_profile = request.options.async_tasks && !request.options.use_virtual_time;
  options.leaks = request.options.memory_leak_detector;
  if (request.options.IsGiven("malloc-threshold"))
    options.malloc_threshold = static_cast<double>(request.options.malloc_threshold);
  options.generator_version = kVersion;
  for (const Setting& setting : Settings(request.options)) {
    options.options[setting.name] = {OptionText(setting.value, setting.is_default),
                                     OriginWord(request.options.OriginOf(setting.name).layer)};
  }
  return options;
}

// The run's state on this side: the recording, its sources, and where the profile goes.
class RecordedProfile {
 public:
  RecordedProfile(const RecordingRequest& request, collector::Recording& recording)
      : request_(request), recording_(recording), options_(DocumentOptionsOf(request)) {}

  profile::Document Build(const profile::ExitStatus& exit) {
    options_.exit = exit;
    profile::Document document = profile::BuildDocument(recording_.Take(), options_, recording_.sources());
    profile::ClampToBounds(document);
    return document;
  }

  // Where it went, as the user named it; elsewhere, when that was impossible. "": nowhere.
  std::string Write(const profile::Document& document, pid_t program) const {
    const std::string path = WithPid(request_.output.path, program);
    if (request_.output.kind == OutputKind::kStdout) {
      const Status status = WriteToStdout(document);
      if (!status.ok()) PrintError(status.message());
      return "";
    }
    const Status status = render::WriteProfileFile(document, path);
    if (status.ok()) return WithPid(request_.output.display, program);
    PrintError(status.message());
    return WriteElsewhere(document);
  }

 private:
  static Status WriteToStdout(const profile::Document& document) { return render::WriteProfileFile(document, "-"); }
  static std::string WriteElsewhere(const profile::Document& document) {
    const char* directory = std::getenv("TMPDIR");
    const std::string path = std::string(directory != nullptr ? directory : "/tmp") + "/scalene-profile-" +
                             std::to_string(getpid()) + ".json";
    const Status status = render::WriteProfileFile(document, path);
    if (!status.ok()) PrintError(status.message());
    return status.ok() ? path : "";
  }

  const RecordingRequest& request_;
  collector::Recording& recording_;
  profile::DocumentOptions options_;
};

int ReportLaunchFailure(const RecordingRequest& request, int error) {
  const std::string reason = std::string("cannot start ") + request.plan.executable + ": " + std::strerror(error);
  if (error == ENOENT || error == ENOTDIR) return Report({kExitNotFound, reason});
  if (error == EACCES || error == ENOEXEC || error == EPERM) return Report({kExitCannotExecute, reason});
  return Report({kExitOwnFailure, reason});
}

// Whether a terminal is there and its foreground group is another one.
bool InBackground() {
  const int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) return false;
  const pid_t foreground = tcgetpgrp(terminal);
  close(terminal);
  return foreground > 0 && foreground != getpgrp();
}

void AnnounceBackgroundRun(pid_t program) {
  const std::string pid = std::to_string(program);
  WriteAll(STDERR_FILENO, "Scalene now profiling process " + pid +
                              "\n  to disable profiling: python3 -m scalene.profile --off --pid " + pid +
                              "\n  to resume profiling:  python3 -m scalene.profile --on  --pid " + pid + "\n");
}

void ReportEnd(const RecordingRequest& request, const profile::Document& document, const std::string& saved_as) {
  const std::string empty = EmptyProfileReport(document, request.options);
  if (!empty.empty()) PrintNotice(empty);
  if (request.options.quiet) return;
  if (!saved_as.empty() && request.output.kind == OutputKind::kFile)
    WriteAll(STDERR_FILENO, "\n" + SavedMessage(saved_as));
  for (const std::string& caution : CautionsOf(document, request.options.cpu_sampling_rate_sec)) PrintNotice(caution);
}

// The page that was asked for as -o NAME.html, beside the profile.
void WritePage(const profile::Document& document, const RecordingRequest& request, pid_t program) {
  const std::string page = WithPid(request.output.page, program);
  const render::HtmlFile file = render::RenderHtml(document, nullptr, {});
  if (const Status status = render::WriteTextFile(file.html, page); !status.ok()) return PrintError(status.message());
  for (const std::string& sentence : file.left_out) PrintNotice(sentence);
  if (!request.options.quiet) WriteAll(STDERR_FILENO, "Scalene: page saved to " + page + "\n");
}

}  // namespace

int Record(const RecordingRequest& request) {
  std::optional<PreloadPath> agent(AgentLibraryPath(request.options.memory));
  if (!agent->usable()) {
    return Report({kExitOwnFailure, "the agent library " + agent->get() +
                                        " is missing; is the installation complete? Try: scalene doctor"});
  }
  auto recording = collector::Recording::Open(RecordingOptionsOf(request, agent->get()));
  if (!recording.ok()) return Report({kExitOwnFailure, recording.message()});
  const collector::Launched launched = recording.value()->Start();
  if (launched.pid == 0) return ReportLaunchFailure(request, launched.error);
  if (InBackground()) AnnounceBackgroundRun(launched.pid);

  RecordedProfile profile(request, *recording.value());
  LivePage page;
  const auto write_partial = [&] {
    if (request.output.kind != OutputKind::kFile) return;
    const std::string saved_as = profile.Write(profile.Build({.partial = true}), launched.pid);
    if (request.options.live && !saved_as.empty()) page.Show(saved_as);
  };
  const collector::ProgramEnd end = recording.value()->RunToEnd(write_partial);

  if (const Status status = recording.value()->FinishCapture(); !status.ok()) PrintWarning(status.message());
  try {  // whatever happens to the profile, the status is the program's
    // Never taken down: the process ends anyway, and for a large document that takes a quarter of its writing.
    static const auto& document = *new profile::Document(profile.Build({end.status, end.signal, false}));
    const std::string saved_as = profile.Write(document, launched.pid);
    ReportEnd(request, document, saved_as);
    if (request.options.live && !saved_as.empty()) page.Show(saved_as);
    if (!saved_as.empty() && !request.output.page.empty()) WritePage(document, request, launched.pid);
    if (request.options.show_in_terminal && !saved_as.empty()) ShowInTerminal(saved_as);
  } catch (const std::exception& trouble) {
    PrintError(std::string("the profile could not be written: ") + trouble.what());
  }
  if (end.signal) {
    recording.value().reset();  // EndLike runs no destructors
    agent.reset();
    collector::EndLike(end);
  }
  return end.status.value_or(kExitOwnFailure);
}

}  // namespace scalene::cli
