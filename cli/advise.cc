// scalene advise: asks an AI service for a faster way to write a region. Nothing leaves before the whole prompt has been
// shown and agreed to.
//
//   profile ─▶ region ─▶ prompt ─▶ shown, agreed ─▶ service ─▶ answer, as it comes ─▶ diff ─▶ file, with a backup

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>

#include "advise/apply.h"
#include "advise/ask.h"
#include "advise/patch.h"
#include "advise/prompt.h"
#include "cli/ai_settings.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/proposal_check.h"
#include "cli/saved_message.h"
#include "cli/terminal_style.h"
#include "profile/metrics.h"
#include "profile/profile_reader.h"

namespace scalene::cli {
namespace {

using advise::Provider;
using profile::Document;

constexpr int kExitNo = 1;
constexpr std::string_view kStandardProfile = "scalene-profile.json";

// ---- Options ----

struct AdviseRequest {
  std::string profile{kStandardProfile};
  std::string place;  // FILE:LINE; "": the hottest line
  advise::RegionKind kind = advise::RegionKind::kFunction;
  advise::Goal goal = advise::Goal::kSpeed;
  std::string provider, model;
  std::string check_command;
  bool gpu = false, prompt = false, models = false, yes = false, patch = false, apply = false, refresh = false,
       help = false;
};

struct AdviseOption {
  OptionSpec spec;
  void (*take)(AdviseRequest& request, const GivenOption& given);
};

constexpr OptionSpec Switch(std::string_view name, std::string_view help, char letter = 0) {
  return {.name = name, .letter = letter, .help = help, .configurable = false};
}
constexpr OptionSpec Valued(std::string_view name, std::string_view argument, std::string_view help) {
  return {.name = name, .kind = ValueKind::kText, .argument = argument, .help = help, .configurable = false};
}
constexpr OptionSpec Chosen(std::string_view name, std::string_view argument, std::string_view choices,
                            std::string_view help) {
  return {.name = name,
          .kind = ValueKind::kChoice,
          .argument = argument,
          .help = help,
          .choices = choices,
          .configurable = false};
}

// The only list of the options of `advise`.
constexpr AdviseOption kAdviseOptions[] = {
    {Valued("at", "FILE:LINE", "the line to improve (default: the hottest one)"),
     [](AdviseRequest& r, const GivenOption& g) { r.place = g.value; }},
    {Chosen("region", "R", "line|loop|function", "what around it: line, loop or function (default: function)"),
     [](AdviseRequest& r, const GivenOption& g) { r.kind = *advise::ParseRegionKind(g.value); }},
    {Chosen("goal", "G", "speed|memory", "speed or memory (default: speed)"),
     [](AdviseRequest& r, const GivenOption& g) { r.goal = *advise::ParseGoal(g.value); }},
    {Switch("gpu", "the proposal may use a GPU"), [](AdviseRequest& r, const GivenOption& g) { r.gpu = g.on; }},
    {Valued("provider", "P", "the service (default: the first with a key; see below)"),
     [](AdviseRequest& r, const GivenOption& g) { r.provider = g.value; }},
    {Valued("model", "M", "the model's name (default: SCALENE_AI_MODEL)"),
     [](AdviseRequest& r, const GivenOption& g) { r.model = g.value; }},
    {Switch("models", "list the service's models and end"),
     [](AdviseRequest& r, const GivenOption& g) { r.models = r.models || g.on; }},
    {Switch("refresh-models", "the same, asked for anew (a list is kept for 24 hours)"),
     [](AdviseRequest& r, const GivenOption& g) {
       r.refresh = g.on;
       r.models = r.models || g.on;
     }},
    {Switch("prompt", "write the prompt to stdout and end; nothing leaves"),
     [](AdviseRequest& r, const GivenOption& g) { r.prompt = g.on; }},
    {Switch("yes", "send the prompt without asking", 'y'),
     [](AdviseRequest& r, const GivenOption& g) { r.yes = g.on; }},
    {Switch("patch", "only the diff on stdout"), [](AdviseRequest& r, const GivenOption& g) { r.patch = g.on; }},
    {Switch("apply", "write the proposal into the file, and keep a copy"),
     [](AdviseRequest& r, const GivenOption& g) { r.apply = g.on; }},
    {Valued("check-command", "CMD", "after --apply, run these tests; status 1 when they fail"),
     [](AdviseRequest& r, const GivenOption& g) { r.check_command = g.value; }},
    {Switch("help", "show this help and exit", 'h'), [](AdviseRequest& r, const GivenOption&) { r.help = true; }},
};

const AdviseOption& OptionOf(const OptionSpec* spec) {
  for (const AdviseOption& option : kAdviseOptions) {
    if (&option.spec == spec) return option;
  }
  std::abort();  // the parser only hands out entries of the table
}

std::string Usage() { return UsageOf(*FindCommand("advise")); }

Outcome<AdviseRequest> ReadCommandLine(const Words& words) {
  AdviseRequest request;
  bool has_profile = false;
  for (size_t at = 0; at < words.size();) {
    const std::string& word = words[at];
    if (word == "-" || !word.starts_with('-')) {
      if (has_profile) return Trouble{kExitUsage, "advise reads one profile, and '" + word + "' is a second one", true};
      request.profile = word;
      has_profile = true;
      at++;
      continue;
    }
    Outcome<std::optional<GivenOption>> taken = TakeOption(AdviseOptionTable(), words, at);
    if (!taken.ok()) return taken.trouble();
    if (!taken.value()) return UnknownOption(AdviseOptionTable(), word);
    const GivenOption& given = *taken.value();
    if (given.spec->kind != ValueKind::kSwitch && !IsValue(*given.spec, given.value))
      return Trouble{kExitUsage,
                     given.as_written + " wants " + WantedValue(*given.spec) + ", not '" + given.value + "'", true};
    OptionOf(given.spec).take(request, given);
  }
  if (!request.check_command.empty() && !request.apply)
    return Trouble{kExitUsage, "--check-command is for --apply: tests see what stands in the file", true};
  return request;
}

// ---- The region ----

struct Place {
  std::string path;
  int line = 0;
};

Place HottestLine(const Document& document) {
  Place hottest;
  double most = 0;
  for (const auto& [path, file] : document.files) {
    for (const profile::Line& line : file.lines) {
      if (profile::CpuPercent(line) <= most) continue;
      most = profile::CpuPercent(line);
      hottest = {path, line.lineno};
    }
  }
  return hottest;
}

// The only file of the profile whose path is this, or ends in it.
Outcome<std::string> FileNamed(const Document& document, const std::string& name) {
  if (document.files.contains(name)) return name;
  std::string found;
  for (const auto& [path, file] : document.files) {
    if (!path.ends_with("/" + name)) continue;
    if (!found.empty()) return Trouble{kExitNo, "'" + name + "' is both " + found + " and " + path};
    found = path;
  }
  if (found.empty()) return Trouble{kExitNo, "the profile has no file '" + name + "'"};
  return found;
}

Outcome<Place> PlaceOf(const Document& document, const std::string& text) {
  if (text.empty()) {
    const Place hottest = HottestLine(document);
    if (hottest.line == 0) return Trouble{kExitNo, "no line of this profile took any time; name one with --at"};
    return hottest;
  }
  const size_t colon = text.rfind(':');
  int line = 0;
  if (colon != text.npos) std::from_chars(text.data() + colon + 1, text.data() + text.size(), line);
  if (line < 1) return Trouble{kExitUsage, "--at wants FILE:LINE, not '" + text + "'", true};
  const Outcome<std::string> path = FileNamed(document, text.substr(0, colon));
  if (!path.ok()) return path.trouble();
  if (static_cast<size_t>(line) > document.files.at(path.value()).lines.size())
    return Trouble{kExitNo, path.value() + " has no line " + std::to_string(line)};
  return Place{path.value(), line};
}

// ---- The service ----

std::string ProviderNames() {
  std::string names;
  for (const Provider& provider : advise::Providers()) names += (names.empty() ? "" : ", ") + std::string(provider.id);
  return names;
}

Outcome<const Provider*> ProviderFor(const AdviseRequest& request, const advise::Settings& settings) {
  if (!request.provider.empty()) {
    if (const Provider* named = advise::FindProvider(request.provider)) return named;
    return Trouble{kExitUsage, "there is no provider '" + request.provider + "'; there are " + ProviderNames(), true};
  }
  if (const Provider* chosen = advise::ChosenProvider(settings)) return chosen;
  return Trouble{kExitNo,
                 "no key of an AI service is set (scalene help advise lists them); --prompt writes the prompt for any "
                 "assistant"};
}

Outcome<std::string> ModelFor(const AdviseRequest& request, const Provider& provider,
                              const advise::Settings& settings) {
  const std::string model = request.model.empty() ? settings.Get("SCALENE_AI_MODEL") : request.model;
  if (!model.empty()) return model;
  return Trouble{kExitUsage, std::string(provider.label) +
                                 " needs the name of a model: --model or SCALENE_AI_MODEL; --models lists them"};
}

// ---- The conversation ----

std::atomic<bool> g_stopped{false};
extern "C" void StopAsking(int) { g_stopped = true; }

void CatchInterrupt() {
  struct sigaction action {};
  action.sa_handler = StopAsking;
  sigaction(SIGINT, &action, nullptr);
}

bool Agrees() {
  WriteAll(STDERR_FILENO, "Send it? [y/N] ");
  char answer[64];
  const ssize_t got = read(STDIN_FILENO, answer, sizeof answer);
  return got > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}

// Nothing: it may be sent.
std::optional<Trouble> AskBeforeSending(const AdviseRequest& request, const Provider& provider,
                                        const std::string& model, const advise::Settings& settings,
                                        const std::string& prompt) {
  WriteAll(STDERR_FILENO, prompt + "\n");
  PrintNotice("that is the whole prompt, for " + std::string(provider.label) + " (" +
              advise::HostOf(provider, settings) + "), model " + model + ".");
  if (request.yes) return std::nullopt;
  if (!isatty(STDIN_FILENO)) return Trouble{kExitNo, "nothing was sent; --yes sends it"};
  if (!Agrees()) return Trouble{kExitNo, "nothing was sent"};
  return std::nullopt;
}

std::string Painted(const std::string& diff, bool color) {
  std::string out;
  for (size_t at = 0; at < diff.size();) {
    const size_t end = std::min(diff.find('\n', at), diff.size());
    const std::string line = diff.substr(at, end - at);
    const Style style = line.starts_with('+')   ? Style::kBlue
                        : line.starts_with('-') ? Style::kYellow
                        : line.starts_with('@') ? Style::kDim
                                                : Style::kPlain;
    out += Styled(line, style, color && style != Style::kPlain) + "\n";
    at = end + 1;
  }
  return out;
}

int Fail(const std::string& sentence) { return Report({kExitNo, sentence}); }

// What the tests say goes to stderr: stdout is the answer's, or the diff's.
bool PassesTests(const std::string& command) {
  if (command.empty()) return true;
  const CheckReport report = RunCheckCommand(
      command, [](std::string_view bytes) { WriteAll(STDERR_FILENO, bytes); }, g_stopped);
  PrintNotice(report.sentence);
  return report.ok;
}

int Apply(const Document& document, const AdviseRequest& request, const std::string& path, const std::string& before,
          const std::string& now) {
  const Result<std::string> backup = advise::ApplyWithBackup(path, before, now);
  if (!backup.ok()) return Fail(backup.message());
  PrintNotice("changed " + path + "; as it was: " + backup.value());
  if (!PassesTests(request.check_command))
    return Fail("to go back: mv " + ShellQuoted(backup.value()) + " " + ShellQuoted(path));
  for (const std::string& command : ReprofileCommands(document, request.profile)) PrintNotice("next: " + command);
  return 0;
}

int Propose(const Document& document, const AdviseRequest& request, const Place& place, advise::Region region,
            const std::string& answer) {
  const std::string before = advise::ProfiledText(document.files.at(place.path));
  const std::string name = advise::ShortName(document, place.path);
  const Result<std::string> now = advise::Proposed(before, region, answer, name);
  if (!now.ok()) return Fail(now.message());
  const CheckReport syntax = CheckSyntax(before, now.value(), document.python_version, g_stopped);
  if (!syntax.ok) PrintWarning("the changed file does not compile: " + syntax.sentence);
  const std::string heading = request.patch ? "" : "\n";
  WriteAll(STDOUT_FILENO, heading + Painted(advise::UnifiedDiff(before, now.value(), name), UseColor(STDOUT_FILENO)));
  if (!request.apply) return 0;
  if (!syntax.ok) return Fail("nothing was changed: the proposal has a syntax error");
  return Apply(document, request, place.path, before, now.value());
}

int AskAndPropose(const Document& document, const AdviseRequest& request, const Place& place) {
  const advise::Region region = advise::RegionAround(document.files.at(place.path), place.line, request.kind);
  const std::string prompt = advise::WritePrompt(document, {place.path, region, request.goal, request.gpu});
  if (request.prompt) return WriteAll(STDOUT_FILENO, prompt + "\n") ? 0 : kExitNo;
  const advise::Settings settings = AiSettings();
  const Outcome<const Provider*> provider = ProviderFor(request, settings);
  if (!provider.ok()) return Report(provider.trouble(), Usage());
  const Outcome<std::string> model = ModelFor(request, *provider.value(), settings);
  if (!model.ok()) return Report(model.trouble());
  if (const auto trouble = AskBeforeSending(request, *provider.value(), model.value(), settings, prompt))
    return Report(*trouble);
  CatchInterrupt();
  const int to = request.patch ? STDERR_FILENO : STDOUT_FILENO;
  const Result<advise::Answer> answer = advise::Ask(
      *provider.value(), settings, model.value(), prompt, [&](std::string_view text) { WriteAll(to, text); },
      g_stopped);
  if (!answer.ok()) return Fail(answer.message());
  WriteAll(to, "\n");
  if (answer->cut) PrintWarning("the answer was cut at the service's limit of length");
  return Propose(document, request, place, region, answer->text);
}

int ListModels(const AdviseRequest& request) {
  const advise::Settings settings = AiSettings();
  const Outcome<const Provider*> provider = ProviderFor(request, settings);
  if (!provider.ok()) return Report(provider.trouble(), Usage());
  CatchInterrupt();
  const auto names =
      advise::ModelsOf(*provider.value(), settings, advise::ModelCache(CacheFolder()), request.refresh, g_stopped);
  if (!names.ok()) return Fail(names.message());
  std::string text;
  for (const std::string& name : names.value()) text += name + "\n";
  return WriteAll(STDOUT_FILENO, text) ? 0 : kExitNo;
}

std::string ProviderHelp() {
  std::string text;
  for (const Provider& provider : advise::Providers()) {
    std::string names(provider.address_variable);
    if (!provider.address.empty()) names = "";
    for (const std::string_view key : provider.key_variables) names += (names.empty() ? "" : ", ") + std::string(key);
    if (names.empty()) names = provider.address_variable;
    std::string line = "  " + std::string(provider.id);
    line.resize(14, ' ');
    text += line + names + "\n";
  }
  return text;
}

}  // namespace

OptionTable AdviseOptionTable() {
  OptionTable table;
  for (const AdviseOption& option : kAdviseOptions) table.push_back(&option.spec);
  return table;
}

std::string AdviseCommandHelp(bool) {
  return "usage: " + Usage() +
         "\n\n"
         "Asks an AI service for a faster way to write the hottest function, or a line,\n"
         "loop or function that you name. The whole prompt is shown before anything\n"
         "leaves; the answer is shown as it comes, then the diff that it amounts to.\n"
         "\n"
         "  scalene advise --prompt                  the prompt, for any assistant\n"
         "  scalene advise --model M                 ask, and show the diff\n"
         "  scalene advise --at app.py:12 --apply    change the file, keep a copy\n"
         "\n" +
         OptionHelp(AdviseOptionTable(), HelpBlock::kBasic) +
         "\n"
         "Providers, and the variables that they need. A line NAME=value in the file\n"
         "~/.config/scalene/credentials (mode 600) does the same. SCALENE_AI_PROVIDER,\n"
         "SCALENE_AI_MODEL and SCALENE_AI_ADDRESS choose among them.\n"
         "\n" +
         ProviderHelp();
}

int RunAdvise(const Words& words) {
  const Outcome<AdviseRequest> request = ReadCommandLine(words);
  if (!request.ok()) return Report(request.trouble(), Usage());
  if (request.value().help) return WriteAll(STDOUT_FILENO, AdviseCommandHelp(false)) ? 0 : kExitNo;
  if (request.value().models) return ListModels(request.value());
  const Result<Document> document = profile::ReadProfileFile(request.value().profile);
  if (!document.ok()) return Fail(document.message());
  const Outcome<Place> place = PlaceOf(document.value(), request.value().place);
  if (!place.ok()) return Report(place.trouble(), Usage());
  return AskAndPropose(document.value(), request.value(), place.value());
}

}  // namespace scalene::cli
