#include "cli/view.h"

#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <utility>

#include "cli/files.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/profile_pages.h"
#include "cli/run_options.h"
#include "cli/serve.h"
#include "profile/profile_reader.h"
#include "render/footer.h"

namespace scalene::cli {
namespace {

constexpr std::string_view kStandardProfile = "scalene-profile.json";
constexpr int kExitCannotShow = 1;

// ---- Options ----

struct ViewOption {
  OptionSpec spec;
  void (*apply)(ViewRequest& request, const GivenOption& given);
};

constexpr void (*kNoEffect)(ViewRequest&, const GivenOption&) = [](ViewRequest&, const GivenOption&) {};

constexpr OptionSpec Switch(std::string_view name, std::string_view help, char letter = 0) {
  return {.name = name, .letter = letter, .help = help, .configurable = false};
}
constexpr OptionSpec Valued(std::string_view name, ValueKind kind, std::string_view argument, std::string_view help,
                            char letter = 0) {
  return {.name = name, .letter = letter, .kind = kind, .argument = argument, .help = help, .configurable = false};
}
constexpr OptionSpec WithBounds(OptionSpec spec, double low, double high) {
  spec.bounds = {low, high};
  return spec;
}
constexpr OptionSpec WithChoices(OptionSpec spec, std::string_view choices) {
  spec.choices = choices;
  return spec;
}
constexpr OptionSpec Ignored(std::string_view name, ValueKind kind = ValueKind::kSwitch, char letter = 0) {
  return {.name = name,
          .letter = letter,
          .kind = kind,
          .argument = kind == ValueKind::kSwitch ? "" : "X",
          .block = HelpBlock::kIgnored,
          .configurable = false};
}

// The only list of the options of `view`.
constexpr ViewOption kViewOptions[] = {
    {Switch("cli", "show tables in the terminal"), [](ViewRequest& r, const GivenOption& g) { r.terminal = g.on; }},
    {Switch("reduced", "only lines with activity, ... for each gap", 'r'),
     [](ViewRequest& r, const GivenOption& g) { r.shown.reduced = g.on; }},
    {Valued("file", ValueKind::kText, "F", "only files whose path contains F"),
     [](ViewRequest& r, const GivenOption& g) { r.shown.file = g.value; }},
    {Valued("function", ValueKind::kText, "F", "only the lines of functions called F"),
     [](ViewRequest& r, const GivenOption& g) { r.shown.function = g.value; }},
    {WithBounds(Valued("top", ValueKind::kInteger, "N", "only the N busiest lines of all files"), 1, 1e9),
     [](ViewRequest& r, const GivenOption& g) { r.shown.top = std::stoul(g.value); }},
    {Valued("sort", ValueKind::kText, "M", "lines in descending order of a column: time, python, memory, ..."),
     [](ViewRequest& r, const GivenOption& g) { r.shown.sort = g.value; }},
    {Valued("columns", ValueKind::kList, "A,B", "only these columns: time, waits, memory, peak, copy, ..."),
     [](ViewRequest& r, const GivenOption& g) { r.shown.columns = SplitList(g.value); }},
    {WithBounds(Valued("threshold", ValueKind::kReal, "P", "percent from which a value is shown (default: 1)"), 0, 100),
     [](ViewRequest& r, const GivenOption& g) { r.shown.threshold = std::stod(g.value); }},
    {WithBounds(Valued("width", ValueKind::kInteger, "N", "columns of the terminal"), 20, 100000),
     [](ViewRequest& r, const GivenOption& g) { r.width = std::stoul(g.value); }},
    {Switch("wide", "leave no column out and cut no line"),
     [](ViewRequest& r, const GivenOption& g) { r.shown.wide = g.on; }},
    {Switch("markdown", "tables in Markdown"), [](ViewRequest& r, const GivenOption& g) { r.shown.markdown = g.on; }},
    {Switch("plain", "neither colours nor anything beyond ASCII"),
     [](ViewRequest& r, const GivenOption& g) { r.plain = g.on; }},
    {WithChoices(Valued("color", ValueKind::kChoice, "WHEN", "colours: auto, always or never (default: auto)"),
                 "auto|always|never"),
     [](ViewRequest& r, const GivenOption& g) { r.color = *ParseColorChoice(g.value); }},
    {Switch("html", "write a page that needs nothing else, scalene-profile.html"),
     [](ViewRequest& r, const GivenOption& g) { r.page_file = r.page_file || g.on; }},
    {Switch("standalone", "the same as --html"),
     [](ViewRequest& r, const GivenOption& g) { r.page_file = r.page_file || g.on; }},
    {Valued("outfile", ValueKind::kPath, "F", "where --html writes to (-: stdout)", 'o'),
     [](ViewRequest& r, const GivenOption& g) { r.outfile = g.value; }},
    {Valued("max-size", ValueKind::kText, "SIZE", "most bytes of a written page, as 25MB (default: 25MB)"),
     [](ViewRequest& r, const GivenOption& g) { r.max_size = g.value; }},
    {Switch("no-source", "leave the text of the files out of the page"),
     [](ViewRequest& r, const GivenOption&) { r.page.source = false; }},
    {Switch("redact-paths", "shorten paths in the page"),
     [](ViewRequest& r, const GivenOption& g) { r.redact_paths = g.on; }},
    {Switch("no-ai", "offer no proposals in the page"), [](ViewRequest& r, const GivenOption&) { r.page.ai = false; }},
    {Valued("ai-origin", ValueKind::kText, "URL", "let a written page ask this AI service (may be repeated)"),
     [](ViewRequest& r, const GivenOption& g) { r.ai_origins.push_back(g.value); }},
    {Valued("check-command", ValueKind::kText, "CMD", "tests that the page may run when a proposal was applied"),
     [](ViewRequest& r, const GivenOption& g) { r.check_command = g.value; }},
    {Switch("no-browser", "open no browser: print the page's address"),
     [](ViewRequest& r, const GivenOption&) { r.browser = false; }},
    {WithBounds(Valued("port", ValueKind::kInteger, "N", "serve on this port (default: a free one)"), 0, 65535),
     [](ViewRequest& r, const GivenOption& g) { r.port = std::stoi(g.value); }},
    {Switch("keep", "serve on when the page is closed"), [](ViewRequest& r, const GivenOption& g) { r.keep = g.on; }},
    {Switch("help", "show this help", 'h'), [](ViewRequest& r, const GivenOption&) { r.help = true; }},
    {Ignored("api-keys-from-env"), kNoEffect},
};

const ViewOption& OptionOf(const OptionSpec* spec) {
  for (const ViewOption& option : kViewOptions) {
    if (&option.spec == spec) return option;
  }
  std::abort();  // the parser only hands out entries of the table
}

std::string Usage() { return UsageOf(*FindCommand("view")); }

// "25MB", "800KB", "30000000": nothing for anything else.
std::optional<size_t> ParseBytes(const std::string& text) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number == 0 || number > size_t{1} << 32) return {};
  const std::string_view unit(end, text.data() + text.size());
  constexpr std::pair<std::string_view, size_t> kUnits[] = {{"", 1},         {"B", 1},       {"K", 1 << 10},
                                                            {"KB", 1 << 10}, {"M", 1 << 20}, {"MB", 1 << 20},
                                                            {"G", 1 << 30},  {"GB", 1 << 30}};
  for (const auto& [name, factor] : kUnits) {
    if (unit == name) return number * factor;
  }
  return {};
}

Trouble UsageTrouble(std::string text) { return {kExitUsage, std::move(text), true}; }

std::optional<Trouble> TakeAiOrigins(ViewRequest& request) {
  for (const std::string& text : request.ai_origins) {
    Result<render::AiAddress> address = render::ParseAiAddress(text);
    if (!address.ok()) return UsageTrouble("--ai-origin: " + address.message());
    const auto is_same = [&](const render::AiAddress& known) { return known.url == address->url; };
    if (!std::ranges::any_of(request.page.ai_addresses, is_same)) request.page.ai_addresses.push_back(address.value());
  }
  if (request.ai_origins.empty()) return {};
  if (!request.page.ai) return UsageTrouble("--ai-origin and --no-ai exclude each other");
  if (!request.page_file)
    return UsageTrouble("--ai-origin is for a written page (--html); the served page asks through 'scalene'");
  return {};
}

// ---- Finding the profile ----

bool LooksLikeProfile(const std::string& path) {
  const std::string beginning = ReadBeginning(path, 4096);
  return beginning.starts_with('{') && beginning.find("\"alloc_samples\"") != beginning.npos;
}

// The newest profile in the working directory, or "".
std::string NewestProfileHere() {
  std::string newest;
  timespec newest_time{};
  for (const std::string& name : NamesIn(".", 10'000)) {
    struct stat info;
    if (!name.ends_with(".json") || stat(name.c_str(), &info) != 0 || !LooksLikeProfile(name)) continue;
    const timespec& time = info.st_mtim;
    const bool newer =
        time.tv_sec != newest_time.tv_sec ? time.tv_sec > newest_time.tv_sec : time.tv_nsec > newest_time.tv_nsec;
    if (!newest.empty() && !newer) continue;
    newest = name;
    newest_time = time;
  }
  return newest;
}

int CannotShow(const std::string& sentence) { return Report({kExitCannotShow, sentence}); }

int ReportMissing(const ViewRequest& request, std::string sentence) {
  if (!request.profile.empty()) return CannotShow(sentence);
  const std::string newest = NewestProfileHere();
  if (!newest.empty()) sentence += " The newest profile here is '" + newest + "'.";
  return CannotShow(sentence);
}

int ReportUnreadable(const ViewRequest& request, const std::string& why) {
  return why.ends_with("not found.") ? ReportMissing(request, why) : CannotShow(why);
}

// ---- Showing it ----

// What the terminal, or whatever stdout is, can show.
render::TerminalOptions FittedToStdout(const ViewRequest& request) {
  render::TerminalOptions options = request.shown;
  options.width = request.width ? request.width : static_cast<size_t>(TerminalWidth(STDOUT_FILENO));
  options.ascii = request.plain || !LocaleIsUtf8();
  if (!request.plain && !request.shown.markdown) {
    // Both count from none to true colour.
    options.depth = static_cast<render::ColorDepth>(DepthOfColor(STDOUT_FILENO, request.color));
  }
  const char* ground = std::getenv("COLORFGBG");
  options.ground = render::GroundOf(ground ? ground : "");
  return options;
}
static_assert(static_cast<int>(ColorDepth::kTrueColor) == static_cast<int>(render::ColorDepth::kTrueColor));

int Print(const std::string& text) { return WriteAll(STDOUT_FILENO, text) ? 0 : kExitCannotShow; }

int ShowEmpty(const profile::Document& document) {
  std::string text = "No profile data found in the file.\n";
  if (const std::string why = render::WhyEmpty(document); !why.empty()) text += why + "\n";
  return Print(text);
}

int ShowInTerminal(const profile::Document& document, const ViewRequest& request) {
  if (document.files.empty()) return ShowEmpty(document);
  const Result<std::string> text = render::RenderTerminal(document, FittedToStdout(request));
  if (!text.ok()) return Report({kExitUsage, text.message()});
  return Print(text.value());
}

int WritePage(const ViewRequest& request, const std::string& path, std::string_view notice = "") {
  const Result<LoadedProfiles> loaded = LoadProfiles(request, path);
  if (!loaded.ok()) return ReportUnreadable(request, loaded.message());
  if (!notice.empty()) PrintNotice(notice);
  return WritePageFile(loaded.value(), request);
}

// In the browser; where there is none, in a file that one may carry to it.
int ShowInBrowser(const ViewRequest& request, const std::string& path) {
  if (const std::optional<int> status = Serve(request, path)) return *status;
  return WritePage(request, path, "could not open a browser.");
}

// A viewer takes memory, uses it and ends: taking it in large steps, and never giving any back, saves page faults.
void TakeMemoryInLargeSteps() {
  mallopt(M_TOP_PAD, 16 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
}

}  // namespace

Outcome<ViewRequest> ReadViewCommandLine(const Words& words) {
  ViewRequest request;
  bool keys_from_environment = false, options_ended = false;
  for (size_t at = 0; at < words.size();) {
    const std::string& word = words[at];
    if (!options_ended && word == "--") {
      options_ended = true;
      at++;
    } else if (options_ended || word == "-" || !word.starts_with('-')) {
      if (!request.before.empty())
        return UsageTrouble("view shows one profile, or compares two, and '" + word + "' is a third one");
      request.before = std::exchange(request.profile, word);
      at++;
    } else {
      Outcome<std::optional<GivenOption>> taken = TakeOption(ViewOptionTable(), words, at);
      if (!taken.ok()) return taken.trouble();
      if (!taken.value()) return UnknownOption(ViewOptionTable(), word);
      const GivenOption& given = *taken.value();
      const bool fits = given.spec->kind == ValueKind::kSwitch || IsValue(*given.spec, given.value);
      if (!fits) return BadValue(given.as_written, *given.spec, given.value);
      OptionOf(given.spec).apply(request, given);
      if (given.spec->name == "api-keys-from-env") keys_from_environment = true;
    }
  }
  if (request.max_size) {
    const std::optional<size_t> bytes = ParseBytes(*request.max_size);
    if (!bytes) return UsageTrouble("--max-size wants a size as 25MB or 800KB, not '" + *request.max_size + "'");
    request.page.max_bytes = *bytes;
  }
  if (request.check_command && (request.terminal || request.page_file || !request.page.ai))
    return UsageTrouble("--check-command is for the served page and its proposals");
  if (auto trouble = TakeAiOrigins(request)) return *std::move(trouble);
  if (!request.before.empty() && request.terminal)
    return UsageTrouble("--cli shows one profile; two are compared in the page");
  if (keys_from_environment && (request.terminal || request.page_file)) {
    return UsageTrouble("--api-keys-from-env is for the served page; no key is ever written or printed");
  }
  return request;
}

OptionTable ViewOptionTable() {
  OptionTable table;
  for (const ViewOption& option : kViewOptions) table.push_back(&option.spec);
  return table;
}

std::string ViewCommandHelp(bool) {
  return "usage: " + Usage() +
         "\n\n"
         "Shows a profile in the browser: of 'scalene run', of the reference\n"
         "implementation, also compressed (.gz), or from stdin (-). Without a name:\n"
         "scalene-profile.json. Of two profiles, the second is compared with the first.\n"
         "\n"
         "  scalene view                             in the browser\n"
         "  scalene view --html                      as one file to keep or to send\n"
         "  scalene view --html --ai-origin URL      which may ask the service at URL\n"
         "  scalene view old.json new.json           what has changed\n"
         "  scalene view --cli -r                    busy lines, in the terminal\n"
         "  scalene view --cli --top 20 run.json     the 20 busiest lines\n"
         "  scalene view --cli --function main       one function\n"
         "\n" +
         OptionHelp(ViewOptionTable(), HelpBlock::kBasic);
}

int RunView(const Words& words) {
  Outcome<ViewRequest> request = ReadViewCommandLine(words);
  if (!request.ok()) return Report(request.trouble(), Usage());
  if (request->help) return Print(ViewCommandHelp(false));
  SetMessageColor(request->color);
  TakeMemoryInLargeSteps();
  const std::string path = request->profile.empty() ? std::string(kStandardProfile) : request->profile;
  if (request->page_file) return WritePage(request.value(), path);
  if (!request->terminal) return ShowInBrowser(request.value(), path);
  // Never freed: the process ends here, and a large profile would be taken apart line by line.
  const auto* document = new Result<profile::Document>(profile::ReadProfileFile(path));
  if (!document->ok()) return ReportUnreadable(request.value(), document->message());
  return ShowInTerminal(document->value(), request.value());
}

}  // namespace scalene::cli
