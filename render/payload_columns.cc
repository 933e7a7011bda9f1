#include "render/payload_columns.h"

namespace scalene::render {
namespace {

// At most ten bytes: 64 bits in groups of seven.
void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

}  // namespace

void WriteColumns(const ColumnSet& columns, JsonWriter& json) {
  json.Key("columns");
  json.BeginObject(Layout::kInline);
  for (const auto& [name, column] : columns) {
    json.Key(name);
    json.BeginArray(Layout::kInline);
    json.Unsigned(column.offset);
    json.Unsigned(column.count);
    json.String(column.type);
    json.EndArray();
  }
  json.EndObject();
}

PayloadColumn ColumnBlob::AddDeltas(std::span<const int64_t> values) {
  const PayloadColumn column{bytes_.size(), values.size(), "dvar"};
  int64_t before = 0;
  for (const int64_t value : values) {
    const int64_t delta = value - before;
    AppendVarint(static_cast<uint64_t>(delta) << 1 ^ static_cast<uint64_t>(delta >> 63), bytes_);
    before = value;
  }
  return column;
}

PayloadColumn ColumnBlob::AddText(std::string_view utf8) {
  const PayloadColumn column{bytes_.size(), utf8.size(), "utf8"};
  bytes_ += utf8;
  return column;
}

uint64_t ColumnBlob::Append(const ColumnBlob& other) {
  constexpr size_t kWidest = sizeof(double);
  bytes_.resize((bytes_.size() + kWidest - 1) / kWidest * kWidest);
  const uint64_t base = bytes_.size();
  bytes_ += other.bytes_;
  return base;
}

}  // namespace scalene::render
