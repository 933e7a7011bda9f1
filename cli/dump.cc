// scalene dump FILE: the records of a capture as text, one line each.

#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/nearest.h"
#include "cli/run_options.h"
#include "collector/capture_reader.h"
#include "wire/dump.h"

namespace scalene::cli {
namespace {

constexpr int kExitCannotDump = 1;
constexpr size_t kOutputBytes = 64 * 1024;

constexpr OptionSpec kPid = {.name = "pid",
                             .kind = ValueKind::kInteger,
                             .argument = "N",
                             .help = "only the records of process N",
                             .bounds = {1, 0x7fffffff},
                             .configurable = false};
constexpr OptionSpec kType = {.name = "type",
                              .kind = ValueKind::kList,
                              .argument = "A,B",
                              .help = "only these types: sample, code, ...",
                              .configurable = false};
constexpr OptionSpec kHelp = {.name = "help", .letter = 'h', .help = "show this help", .configurable = false};

struct DumpRequest {
  std::string capture;
  int64_t pid = 0;                   // 0: all
  std::set<wire::RecordType> types;  // empty: all
  bool help = false;
};

std::string TypeNames() {
  std::string names;
  for (const wire::RecordTypeName& known : wire::RecordTypeNames())
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  return names;
}

Trouble UnknownType(const std::string& name) {
  std::vector<std::string> names;
  for (const wire::RecordTypeName& known : wire::RecordTypeNames()) names.emplace_back(known.name);
  return {kExitUsage, "unknown type '" + name + "'" + DidYouMean(name, names) + " (types: " + TypeNames() + ")"};
}

std::optional<Trouble> Apply(const GivenOption& given, DumpRequest& request) {
  if (given.spec == &kHelp) request.help = true;
  if (given.spec == &kPid && !IsValue(kPid, given.value)) return BadValue(given.as_written, kPid, given.value);
  if (given.spec == &kPid) request.pid = *ParseInteger(kPid, given.value);
  if (given.spec != &kType) return std::nullopt;
  for (const std::string& name : SplitList(given.value)) {
    const auto type = wire::RecordTypeNamed(name);
    if (!type) return UnknownType(name);
    request.types.insert(*type);
  }
  return std::nullopt;
}

Outcome<DumpRequest> ReadDumpCommandLine(const Words& words) {
  DumpRequest request;
  for (size_t at = 0; at < words.size();) {
    const std::string& word = words[at];
    if (word == "-" || !word.starts_with('-')) {
      if (!request.capture.empty())
        return Trouble{kExitUsage, "dump reads one capture, and '" + word + "' is a second one", true};
      request.capture = word;
      ++at;
      continue;
    }
    Outcome<std::optional<GivenOption>> taken = TakeOption(DumpOptionTable(), words, at);
    if (!taken.ok()) return taken.trouble();
    if (!taken.value()) return UnknownOption(DumpOptionTable(), word);
    if (auto trouble = Apply(*taken.value(), request)) return *trouble;
  }
  if (request.capture.empty() && !request.help) return Trouble{kExitUsage, "no capture specified.", true};
  return request;
}

// Gathers lines, so that a capture of a million records is not a million system calls.
class Output {
 public:
  void Line(const std::string& line) {
    text_ += line + '\n';
    if (text_.size() >= kOutputBytes) Flush();
  }
  bool Flush() {
    usable_ = usable_ && WriteAll(STDOUT_FILENO, text_);
    text_.clear();
    return usable_;
  }
  bool usable() const { return usable_; }

 private:
  std::string text_;
  bool usable_ = true;
};

// "2026-11-21T10:15:00Z"
std::string UtcText(int64_t ns) {
  const time_t seconds = static_cast<time_t>(ns / 1'000'000'000);
  tm parts{};
  char text[40] = "";
  if (gmtime_r(&seconds, &parts) != nullptr) strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string HeaderText(const collector::CaptureReader& reader) {
  const collector::CaptureHeader& header = reader.header();
  std::string text = "# capture version=" + std::to_string(header.version) +
                     " wire=" + std::to_string(header.wire_version) + " started=" + UtcText(header.start_realtime_ns) +
                     " time=" + wire::SecondsText(header.start_monotonic_ns) +
                     " interval=" + wire::SecondsText(header.interval_ns) + " command:";
  for (const std::string& word : reader.command()) text += " " + wire::QuotedText(word);
  return text;
}

wire::RecordType TypeOf(std::span<const uint8_t> bytes) {
  return reinterpret_cast<const wire::RecordHeader*>(bytes.data())->type;
}

bool IsWanted(const collector::CapturedRecord& record, const DumpRequest& request) {
  if (request.pid != 0 && record.pid != request.pid) return false;
  return request.types.empty() || request.types.contains(TypeOf(record.bytes));
}

// "PID.IMAGE RECORD"
std::string LineOf(const collector::CapturedRecord& record) {
  return std::to_string(record.pid) + "." + std::to_string(record.image) + " " + wire::DumpRecord(record.bytes);
}

// Prints every record it can; then what kept it from going on.
int Dump(collector::CaptureReader& reader, const DumpRequest& request) {
  Output output;
  output.Line(HeaderText(reader));
  Status status;
  while (output.usable()) {
    const auto record = reader.Next();
    status = record.status();
    if (!record.ok() || !record.value()) break;
    if (IsWanted(*record.value(), request)) output.Line(LineOf(*record.value()));
  }
  if (!output.Flush()) return Report({kExitCannotDump, std::string("cannot write to stdout: ") + std::strerror(errno)});
  if (!status.ok()) return Report({kExitCannotDump, status.message()});
  if (reader.ends_early()) PrintWarning("the capture ends early: its writer was stopped, or still writes");
  return 0;
}

}  // namespace

OptionTable DumpOptionTable() { return {&kPid, &kType, &kHelp}; }

std::string DumpCommandHelp(bool) {
  return "usage: " + UsageOf(*FindCommand("dump")) +
         "\n\n"
         "Shows the raw records that 'scalene run --capture FILE' kept, one line each:\n"
         "process and image, type, and what the record says.\n"
         "\n"
         "  scalene run --capture run.capture prog.py    keep the records\n"
         "  scalene dump run.capture                     all of them\n"
         "  scalene dump --type sample,code run.capture  only samples and code objects\n"
         "\n" +
         OptionHelp(DumpOptionTable(), HelpBlock::kBasic) + "\n" + Wrapped("Types: " + TypeNames() + ".", 0, 0) + "\n";
}

int RunDump(const Words& words) {
  const Outcome<DumpRequest> request = ReadDumpCommandLine(words);
  if (!request.ok()) return Report(request.trouble(), UsageOf(*FindCommand("dump")));
  if (request.value().help) return WriteAll(STDOUT_FILENO, DumpCommandHelp(false)) ? 0 : kExitCannotDump;
  const std::string& capture = request.value().capture;
  auto reader = capture == "-" ? collector::CaptureReader::Read(UniqueFd(dup(STDIN_FILENO)), "stdin")
                               : collector::CaptureReader::Open(capture);
  if (!reader.ok()) return Report({kExitCannotDump, reader.message()});
  return Dump(reader.value(), request.value());
}

}  // namespace scalene::cli
