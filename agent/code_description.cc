// DescribeCode: what a code object is called and where its lines are, as raw bytes. Decoding is the collector's work.
#include "agent/python_frames.h"
#include "agent/record_writer.h"
#include "base/cpython/code_identity.h"
#include "base/load.h"

namespace scalene::agent {
namespace {

using cpython::Layout;

constexpr uint32_t kMaxFileBytes = 4 * 4096;  // PATH_MAX characters, however wide
constexpr uint32_t kMaxNameBytes = 4 * 1024;

struct StringBytes {
  uint64_t data = 0;
  wire::RawString raw{0, 1, 0, 0};
};

// Where a str object keeps its characters. Anything but a str gives an empty string.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
StringBytes LocateString(uint64_t object, uint32_t limit) {
  const Interpreter& interpreter = g_agent.interpreter;
  const Layout& layout = interpreter.layout;
  StringBytes string;
  if (object == 0 || LoadAt<uint64_t>(object + layout.object.type) != interpreter.unicode_type) return string;
  const auto state = LoadAt<uint32_t>(object + layout.unicode.state);
  const auto length = LoadAt<uint64_t>(object + layout.unicode.length);
  const uint8_t kind = state >> layout.unicode_state.kind_shift & 7;
  if (kind != 1 && kind != 2 && kind != 4) return string;
  const bool compact = state >> layout.unicode_state.compact_shift & 1,
             ascii = state >> layout.unicode_state.ascii_shift & 1;
  if (!compact) {
    string.data = LoadAt<uint64_t>(object + layout.unicode.noncompact_data);
  } else {
    string.data = object + (ascii ? layout.unicode.ascii_data : layout.unicode.compact_data);
  }
  const bool cut = length > limit / kind;
  string.raw = {static_cast<uint32_t>((cut ? limit / kind : length) * kind), kind, cut, 0};
  return string;
}

uint64_t LineTableOf(uint64_t code) {
  return LoadAt<uint64_t>(code + cpython::LineTableField(g_agent.interpreter.layout));
}

uint64_t NameOf(uint64_t code) { return LoadAt<uint64_t>(code + cpython::NameField(g_agent.interpreter.layout)); }

uint64_t Mix(uint64_t hash, uint64_t value) { return (hash ^ value) * 0x9e3779b97f4a7c15ull ^ hash >> 29; }

// False: dropped, so it has to be described again.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
bool WriteCode(uint64_t code, uint32_t fingerprint) {
  const Layout& layout = g_agent.interpreter.layout;
  const StringBytes file = LocateString(LoadAt<uint64_t>(code + layout.code.filename), kMaxFileBytes);
  const StringBytes name = LocateString(NameOf(code), kMaxNameBytes);
  const uint64_t table = LineTableOf(code);
  const auto table_bytes = LoadAt<uint64_t>(table + layout.bytes.size);
  const uint32_t strings = file.raw.bytes + name.raw.bytes;
  const bool elsewhere = sizeof(wire::CodeRecord) + strings + table_bytes > wire::kMaxRecordBytes - 8;
  const uint32_t inline_bytes = elsewhere ? 0 : static_cast<uint32_t>(table_bytes);
  auto* record = BeginRecord<wire::CodeRecord>(wire::RecordType::kCode, strings + inline_bytes);
  if (record == nullptr) return false;
  record->address = code;
  record->fingerprint = fingerprint;
  record->first_line = LoadAt<int32_t>(code + layout.code.firstlineno);
  record->code_flags = LoadAt<uint32_t>(code + layout.code.flags);
  record->flags = elsewhere ? uint32_t{wire::kCodeTableElsewhere} : 0;
  record->file = file.raw;
  record->name = name.raw;
  record->table_address = table + layout.bytes.data;
  record->table_bytes = static_cast<uint32_t>(table_bytes);
  record->reserved = 0;
  auto* out = reinterpret_cast<uint8_t*>(record + 1);
  __builtin_memcpy(out, reinterpret_cast<const void*>(file.data), file.raw.bytes);
  __builtin_memcpy(out + file.raw.bytes, reinterpret_cast<const void*>(name.data), name.raw.bytes);
  __builtin_memcpy(out + strings, reinterpret_cast<const void*>(record->table_address), inline_bytes);
  EndRecord(record);
  return true;
}

}  // namespace

uint32_t DescribeCode(uint64_t code) {
  const uint32_t fingerprint =
      cpython::CodeFingerprint(g_agent.interpreter.layout, reinterpret_cast<const uint8_t*>(code));
  const uint64_t identity = Mix(code, fingerprint) | 1;
  auto& place = g_agent.state->described[identity >> 20 & (kDescribedCodes - 1)];
  if (place.load(std::memory_order_relaxed) == identity) return fingerprint;
  if (WriteCode(code, fingerprint)) place.store(identity, std::memory_order_relaxed);
  return fingerprint;
}

}  // namespace scalene::agent
