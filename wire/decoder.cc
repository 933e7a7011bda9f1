#include "wire/decoder.h"

#include <cstring>

namespace scalene::wire {
namespace {

// The fixed part of a record, and the bytes behind it.
template <typename Record>
bool TakeFixed(std::span<const uint8_t> bytes, Record* record, std::span<const uint8_t>* rest) {
  if (bytes.size() < sizeof(Record)) return false;
  std::memcpy(record, bytes.data(), sizeof(Record));
  *rest = bytes.subspan(sizeof(Record));
  return true;
}

bool TakeBytes(std::span<const uint8_t>* rest, size_t count, std::span<const uint8_t>* out) {
  if (rest->size() < count) return false;
  *out = rest->first(count);
  *rest = rest->subspan(count);
  return true;
}

bool TakeString(std::span<const uint8_t>* rest, const RawString& raw, RawStringView* out) {
  if (raw.kind != 1 && raw.kind != 2 && raw.kind != 4) return false;
  if (raw.bytes % raw.kind != 0) return false;
  out->kind = raw.kind;
  out->cut = raw.cut != 0;
  return TakeBytes(rest, raw.bytes, &out->bytes);
}

std::optional<Event> DecodeText(std::span<const uint8_t> bytes) {
  ProcessTextRecord record;
  std::span<const uint8_t> rest, text;
  if (!TakeFixed(bytes, &record, &rest) || !TakeBytes(&rest, record.bytes, &text)) return std::nullopt;
  return ProcessTextEvent{record.key, {reinterpret_cast<const char*>(text.data()), text.size()}};
}

std::optional<Event> DecodeCode(std::span<const uint8_t> bytes) {
  CodeEvent event;
  std::span<const uint8_t> rest;
  if (!TakeFixed(bytes, &event.record, &rest)) return std::nullopt;
  if (!TakeString(&rest, event.record.file, &event.file)) return std::nullopt;
  if (!TakeString(&rest, event.record.name, &event.name)) return std::nullopt;
  if (event.record.flags & kCodeTableElsewhere) return event;
  if (!TakeBytes(&rest, event.record.table_bytes, &event.table)) return std::nullopt;
  return event;
}

// A record with frames behind it.
template <typename FramedEvent>
std::optional<Event> DecodeFramed(std::span<const uint8_t> bytes) {
  FramedEvent event;
  std::span<const uint8_t> rest, frames;
  if (!TakeFixed(bytes, &event.record, &rest)) return std::nullopt;
  if (event.record.frame_count > kMaxFrames) return std::nullopt;
  if (!TakeBytes(&rest, event.record.frame_count * sizeof(FrameEntry), &frames)) return std::nullopt;
  event.frames = {reinterpret_cast<const FrameEntry*>(frames.data()), event.record.frame_count};
  return event;
}

template <typename Record>
std::optional<Event> DecodeFixed(std::span<const uint8_t> bytes) {
  Record record;
  std::span<const uint8_t> rest;
  if (!TakeFixed(bytes, &record, &rest)) return std::nullopt;
  return record;
}

}  // namespace

std::optional<Event> DecodeRecord(std::span<const uint8_t> bytes) {
  if (bytes.size() < sizeof(RecordHeader)) return std::nullopt;
  RecordHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  switch (header.type) {
    case RecordType::kProcessStart:
      return DecodeFixed<ProcessStartRecord>(bytes);
    case RecordType::kProcessText:
      return DecodeText(bytes);
    case RecordType::kThreadStart:
      return DecodeFixed<ThreadStartRecord>(bytes);
    case RecordType::kThreadEnd:
      return DecodeFixed<ThreadEndRecord>(bytes);
    case RecordType::kCode:
      return DecodeCode(bytes);
    case RecordType::kSample:
      return DecodeFramed<SampleEvent>(bytes);
    case RecordType::kMarkedFunction:
      return DecodeFixed<MarkedFunctionRecord>(bytes);
    case RecordType::kRecordingEnd:
      return DecodeFixed<RecordingEndRecord>(bytes);
    case RecordType::kNotice:
      return DecodeFixed<NoticeRecord>(bytes);
    case RecordType::kSwitch:
      return DecodeFixed<SwitchRecord>(bytes);
    case RecordType::kAllocation:
      return DecodeFramed<AllocationEvent>(bytes);
    case RecordType::kFree:
      return DecodeFixed<FreeRecord>(bytes);
    case RecordType::kMemoryWindow:
      return DecodeFixed<MemoryWindowRecord>(bytes);
    case RecordType::kCopy:
      return DecodeFramed<CopyEvent>(bytes);
    case RecordType::kNone:
      break;
  }
  return std::nullopt;
}

}  // namespace scalene::wire
