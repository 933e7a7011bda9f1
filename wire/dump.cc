#include "wire/dump.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "base/cpython/unicode.h"
#include "wire/decoder.h"

namespace scalene::wire {
namespace {

constexpr RecordTypeName kTypeNames[] = {
    {RecordType::kProcessStart, "process-start"},
    {RecordType::kProcessText, "process-text"},
    {RecordType::kThreadStart, "thread-start"},
    {RecordType::kThreadEnd, "thread-end"},
    {RecordType::kCode, "code"},
    {RecordType::kSample, "sample"},
    {RecordType::kMarkedFunction, "marked-function"},
    {RecordType::kRecordingEnd, "recording-end"},
    {RecordType::kNotice, "notice"},
    {RecordType::kSwitch, "switch"},
    {RecordType::kAllocation, "allocation"},
    {RecordType::kFree, "free"},
    {RecordType::kMemoryWindow, "memory-window"},
    {RecordType::kCopy, "copy"},
};

struct BitName {
  uint32_t bit;
  std::string_view name;
};

constexpr BitName kSampleFlagNames[] = {
    {kSampleInSyscall, "in-syscall"},
    {kSampleHoldsGil, "holds-gil"},
    {kSampleCollecting, "collecting"},
    {kSampleJit, "jit"},
    {kSampleNoThreadState, "no-thread-state"},
    {kSampleTorn, "torn"},
    {kSampleFirst, "first"},
    {kSampleLeafIncomplete, "leaf-incomplete"},
};
constexpr BitName kCodeFlagNames[] = {{kCodeTableElsewhere, "table-elsewhere"}, {kCodeUnreadable, "unreadable"}};

constexpr BitName kAllocationKindNames[] = {
    {kAllocationPython, "python"}, {kAllocationGrowth, "growth"}, {kAllocationOpaque, "opaque"}};

std::string HexDigits(uint64_t value, int least_digits = 1) {
  char text[24];
  std::snprintf(text, sizeof text, "%0*llx", least_digits, static_cast<unsigned long long>(value));
  return text;
}

// The names of the bits that are set; what has no name as a number; "none".
std::string BitsText(uint32_t bits, std::span<const BitName> names) {
  std::string text;
  for (const BitName& name : names) {
    if (bits & name.bit) text += (text.empty() ? "" : ",") + std::string(name.name);
    bits &= ~name.bit;
  }
  if (bits != 0) text += (text.empty() ? "0x" : ",0x") + HexDigits(bits);
  return text.empty() ? "none" : text;
}

std::string_view OriginName(ProcessOrigin origin) {
  switch (origin) {
    case ProcessOrigin::kExec:
      return "exec";
    case ProcessOrigin::kFork:
      return "fork";
  }
  return "";
}

std::string_view TextKeyName(TextKey key) {
  switch (key) {
    case TextKey::kVersion:
      return "version";
    case TextKey::kExecutable:
      return "executable";
    case TextKey::kPrefix:
      return "prefix";
    case TextKey::kBasePrefix:
      return "base-prefix";
    case TextKey::kSysPathEntry:
      return "sys-path-entry";
  }
  return "";
}

std::string_view EndReasonName(EndReason reason) {
  switch (reason) {
    case EndReason::kFinalizing:
      return "finalizing";
    case EndReason::kExit:
      return "exit";
  }
  return "";
}

std::string_view NoticeName(Notice notice) {
  switch (notice) {
    case Notice::kUnknownVersion:
      return "unknown-version";
    case Notice::kLayoutMismatch:
      return "layout-mismatch";
    case Notice::kNoTimer:
      return "no-timer";
    case Notice::kSeccomp:
      return "seccomp";
    case Notice::kSignalTaken:
      return "signal-taken";
    case Notice::kThreadTableFull:
      return "thread-table-full";
    case Notice::kSanitizer:
      return "sanitizer";
  }
  return "";
}

// The name of a value, or its number when a newer or broken writer sent one that we do not know.
template <typename Enum>
std::string NameOrNumber(Enum value, std::string_view name) {
  return name.empty() ? std::to_string(static_cast<uint32_t>(value)) : std::string(name);
}

// PY_VERSION_HEX as Python writes it: 3.11.2, 3.15.0a4.
std::string PythonVersionText(uint32_t hex) {
  std::string text =
      std::to_string(hex >> 24) + "." + std::to_string(hex >> 16 & 0xff) + "." + std::to_string(hex >> 8 & 0xff);
  const uint32_t level = hex >> 4 & 15;
  if (level == 15) return text;
  text += level == 10 ? "a" : level == 11 ? "b" : "rc";
  return text + std::to_string(hex & 15);
}

// A line under construction: TYPE key=value key=value …
class Line {
 public:
  explicit Line(RecordType type) {
    for (const RecordTypeName& known : kTypeNames) {
      if (known.type == type) text_ = known.name;
    }
  }
  explicit Line(std::string_view beginning) : text_(beginning) {}
  Line& Field(std::string_view key, std::string_view value) {
    text_.append(" ").append(key).append("=").append(value);
    return *this;
  }
  Line& Number(std::string_view key, int64_t value) { return Field(key, std::to_string(value)); }
  Line& Address(std::string_view key, uint64_t value) { return Field(key, "0x" + HexDigits(value)); }
  Line& Fingerprint(uint32_t value) { return Field("fingerprint", HexDigits(value, 8)); }
  Line& Seconds(std::string_view key, uint64_t ns) { return Field(key, SecondsText(ns)); }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string MillisecondsText(uint32_t ns) {
  char text[24];
  std::snprintf(text, sizeof text, "%u.%06ums", ns / 1'000'000, ns % 1'000'000);
  return text;
}

std::string Text(const ProcessStartRecord& record) {
  return Line(RecordType::kProcessStart)
      .Seconds("time", record.time_ns)
      .Number("pid", record.pid)
      .Number("ppid", record.ppid)
      .Field("origin", NameOrNumber(record.origin, OriginName(record.origin)))
      .Field("python", PythonVersionText(record.version_hex))
      .Number("free-threaded", record.free_threaded)
      .Number("signal", record.signal)
      .Seconds("realtime", static_cast<uint64_t>(record.realtime_ns))
      .Seconds("cpu", record.process_cpu_ns)
      .Address("main-ident", record.main_ident)
      .Address("runtime", record.runtime_address)
      .Take();
}

std::string Text(const ProcessTextEvent& event) {
  return Line(RecordType::kProcessText)
      .Field("key", NameOrNumber(event.key, TextKeyName(event.key)))
      .Field("text", QuotedText(event.text))
      .Take();
}

std::string Text(const ThreadStartRecord& record) {
  return Line(RecordType::kThreadStart)
      .Seconds("time", record.time_ns)
      .Number("tid", record.tid)
      .Number("main", record.is_main)
      .Address("ident", record.ident)
      .Seconds("cpu", record.cpu_ns)
      .Take();
}

std::string Text(const ThreadEndRecord& record) {
  return Line(RecordType::kThreadEnd)
      .Seconds("time", record.time_ns)
      .Number("tid", record.tid)
      .Seconds("cpu", record.cpu_ns)
      .Take();
}

// Characters of the interpreter as UTF-8; a string that was cut to fit ends with "…" behind its quotes.
std::string StringText(const RawStringView& string) {
  return QuotedText(cpython::ToUtf8(string.kind, string.bytes)) + (string.cut ? "…" : "");
}

std::string Text(const CodeEvent& event) {
  const CodeRecord& record = event.record;
  Line line(RecordType::kCode);
  line.Address("address", record.address)
      .Fingerprint(record.fingerprint)
      .Number("line", record.first_line)
      .Field("name", StringText(event.name))
      .Field("file", StringText(event.file))
      .Address("co-flags", record.code_flags)
      .Number("table", record.table_bytes);
  if (record.flags != 0) line.Field("flags", BitsText(record.flags, kCodeFlagNames));
  if (record.flags & kCodeTableElsewhere) line.Address("table-at", record.table_address);
  return line.Take();
}

std::string FramesText(std::span<const FrameEntry> frames) {
  std::string text;
  for (const FrameEntry& frame : frames) {
    text += (text.empty() ? "" : " ") + HexDigits(frame.code) + "/" + HexDigits(frame.fingerprint, 8) + "/" +
            std::to_string(frame.offset);
  }
  return text.empty() ? "none" : text;
}

std::string Text(const SampleEvent& event) {
  const SampleRecord& record = event.record;
  Line line(RecordType::kSample);
  line.Seconds("time", record.time_ns)
      .Number("tid", record.tid)
      .Field("weight", MillisecondsText(record.weight_ns))
      .Seconds("cpu", record.cpu_ns)
      .Address("pc", record.pc)
      .Field("flags", BitsText(record.flags, kSampleFlagNames))
      .Field("opcode", std::to_string(record.opcode) + "/" + std::to_string(record.opcode_next));
  if (record.lost_ns != 0) line.Field("lost", MillisecondsText(record.lost_ns));
  if (record.cut_frames != 0) line.Number("cut-frames", record.cut_frames);
  return line.Field("frames", FramesText(event.frames)).Take();
}

std::string Text(const AllocationEvent& event) {
  const AllocationRecord& record = event.record;
  Line line(RecordType::kAllocation);
  line.Seconds("time", record.time_ns)
      .Number("tid", record.tid)
      .Number("id", static_cast<int64_t>(record.id))
      .Number("bytes", static_cast<int64_t>(record.bytes))
      .Number("window", static_cast<int64_t>(record.window))
      .Number("allocated", static_cast<int64_t>(record.allocated))
      .Number("python-live", record.python_live)
      .Number("native-live", record.native_live)
      .Field("kind", BitsText(record.kind, kAllocationKindNames))
      .Field("flags", BitsText(record.flags, kSampleFlagNames));
  if (record.cut_frames != 0) line.Number("cut-frames", record.cut_frames);
  return line.Field("frames", FramesText(event.frames)).Take();
}

std::string Text(const FreeRecord& record) {
  Line line(RecordType::kFree);
  line.Seconds("time", record.time_ns)
      .Number("id", static_cast<int64_t>(record.id))
      .Number("bytes", static_cast<int64_t>(record.bytes))
      .Number("window", static_cast<int64_t>(record.window))
      .Number("allocated", static_cast<int64_t>(record.allocated));
  if (record.flags & kFreeInherited) line.Field("flags", "inherited");
  return line.Take();
}

std::string Text(const MemoryWindowRecord& record) {
  return Line(RecordType::kMemoryWindow).Number("window", static_cast<int64_t>(record.window)).Take();
}

std::string Text(const CopyEvent& event) {
  const CopyRecord& record = event.record;
  return Line(RecordType::kCopy)
      .Seconds("time", record.time_ns)
      .Number("tid", record.tid)
      .Number("bytes", static_cast<int64_t>(record.bytes))
      .Number("window", static_cast<int64_t>(record.window))
      .Field("flags", BitsText(record.flags, kSampleFlagNames))
      .Field("frames", FramesText(event.frames))
      .Take();
}

std::string Text(const MarkedFunctionRecord& record) {
  return Line(RecordType::kMarkedFunction).Address("code", record.code).Fingerprint(record.fingerprint).Take();
}

std::string Text(const RecordingEndRecord& record) {
  return Line(RecordType::kRecordingEnd)
      .Seconds("time", record.time_ns)
      .Field("reason", NameOrNumber(record.reason, EndReasonName(record.reason)))
      .Seconds("cpu", record.process_cpu_ns)
      .Take();
}

std::string Text(const SwitchRecord& record) {
  return Line(RecordType::kSwitch)
      .Seconds("time", record.time_ns)
      .Field("recording", record.on != 0 ? "on" : "off")
      .Number("from-birth", record.from_birth)
      .Seconds("cpu", record.process_cpu_ns)
      .Take();
}

std::string Text(const NoticeRecord& record) {
  return Line(RecordType::kNotice)
      .Field("notice", NameOrNumber(record.notice, NoticeName(record.notice)))
      .Number("detail", record.detail)
      .Take();
}

std::string BadText(std::span<const uint8_t> bytes) {
  constexpr size_t kShown = 32;
  std::string shown;
  for (const uint8_t byte : bytes.first(std::min(bytes.size(), kShown))) shown += HexDigits(byte, 2);
  return Line("bad")
      .Number("size", static_cast<int64_t>(bytes.size()))
      .Field("bytes", shown + (bytes.size() > kShown ? "…" : ""))
      .Take();
}

}  // namespace

std::span<const RecordTypeName> RecordTypeNames() { return kTypeNames; }

std::optional<RecordType> RecordTypeNamed(std::string_view name) {
  for (const RecordTypeName& known : kTypeNames) {
    if (known.name == name) return known.type;
  }
  return std::nullopt;
}

std::string SecondsText(uint64_t ns) {
  char text[40];
  std::snprintf(text, sizeof text, "%llu.%09llu", static_cast<unsigned long long>(ns / 1'000'000'000),
                static_cast<unsigned long long>(ns % 1'000'000'000));
  return text;
}

std::string DumpRecord(std::span<const uint8_t> bytes) {
  const std::optional<Event> event = DecodeRecord(bytes);
  if (!event) return BadText(bytes);
  return std::visit([](const auto& known) { return Text(known); }, *event);
}

}  // namespace scalene::wire
