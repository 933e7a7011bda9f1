#include "base/cpython/line_table.h"

#include <limits>

namespace scalene::cpython {
namespace {

constexpr int64_t kEndOfCode = std::numeric_limits<int64_t>::max();
constexpr int kBytesPerUnit = 2;

// A run of instructions [start, end) in bytes; line 0 = none. Lines of garbage tables may overflow an int: kept wide.
struct LineRange {
  int64_t start;
  int64_t end;
  int64_t line;
};

int8_t Signed(uint8_t byte) { return static_cast<int8_t>(byte); }

// Each Walk… calls visit(LineRange) in address order until it returns false.
template <typename Visit>
void WalkLnotab(std::span<const uint8_t> table, int first_line, Visit visit) {
  int64_t address = 0;
  int64_t line = first_line;
  for (size_t i = 0; i + 1 < table.size(); i += 2) {
    const int64_t next = address + table[i];
    if (next > address && !visit(LineRange{address, next, line})) return;
    address = next;
    line += Signed(table[i + 1]);
  }
  visit(LineRange{address, kEndOfCode, line});
}

template <typename Visit>
void WalkLineTable310(std::span<const uint8_t> table, int first_line, Visit visit) {
  constexpr int8_t kNoLine = -128;
  int64_t address = 0;
  int64_t line = first_line;
  for (size_t i = 0; i + 1 < table.size(); i += 2) {
    const int64_t next = address + table[i];
    const int8_t delta = Signed(table[i + 1]);
    if (delta != kNoLine) line += delta;
    if (next > address && !visit(LineRange{address, next, delta == kNoLine ? 0 : line})) return;
    address = next;
  }
}

// Reads the location table's numbers: 6 bits a byte, least significant first, bit 6 = more follows.
class VarintReader {
 public:
  explicit VarintReader(std::span<const uint8_t> table) : table_(table) {}
  bool AtEnd() const { return position_ >= table_.size(); }
  uint8_t Byte() { return AtEnd() ? 0 : table_[position_++]; }
  void Skip(size_t bytes) { position_ += bytes; }
  uint32_t Unsigned() {
    uint32_t value = 0;
    for (int shift = 0; !AtEnd(); shift += 6) {
      const uint8_t byte = Byte();
      if (shift < 32) value |= static_cast<uint32_t>(byte & 0x3f) << shift;
      if ((byte & 0x40) == 0) break;
    }
    return value;
  }
  int64_t SignedValue() {
    const uint32_t value = Unsigned();
    const int64_t magnitude = value >> 1;
    return (value & 1) != 0 ? -magnitude : magnitude;
  }

 private:
  std::span<const uint8_t> table_;
  size_t position_ = 0;
};

// Consumes one entry's payload and returns its line delta; *has_line is false for "no location".
int64_t ReadLocation(VarintReader& reader, int code, bool* has_line) {
  *has_line = code != 15;
  if (code < 10) {  // short form: same line, columns in one more byte
    reader.Skip(1);
    return 0;
  }
  if (code < 13) {  // one-line form: columns in two bytes
    reader.Skip(2);
    return code - 10;
  }
  if (code == 13) return reader.SignedValue();  // no columns
  if (code == 15) return 0;
  const int64_t delta = reader.SignedValue();  // long form
  for (int skipped = 0; skipped < 3; skipped++) reader.Unsigned();
  return delta;
}

template <typename Visit>
void WalkLocationTable(std::span<const uint8_t> table, int first_line, Visit visit) {
  VarintReader reader(table);
  int64_t address = 0;
  int64_t line = first_line;
  while (!reader.AtEnd()) {
    const uint8_t head = reader.Byte();
    if ((head & 0x80) == 0) continue;  // not the start of an entry: garbage, look for the next one
    bool has_line = false;
    line += ReadLocation(reader, head >> 3 & 0xf, &has_line);
    const int64_t next = address + ((head & 7) + 1) * kBytesPerUnit;
    if (!visit(LineRange{address, next, has_line ? line : 0})) return;
    address = next;
  }
}

template <typename Visit>
void Walk(LineTableFormat format, std::span<const uint8_t> table, int first_line, Visit visit) {
  switch (format) {
    case LineTableFormat::kLnotab:
      return WalkLnotab(table, first_line, visit);
    case LineTableFormat::kLineTable310:
      return WalkLineTable310(table, first_line, visit);
    case LineTableFormat::kLocationTable:
      return WalkLocationTable(table, first_line, visit);
  }
}

int AsLine(int64_t line) { return line > 0 && line <= std::numeric_limits<int>::max() ? static_cast<int>(line) : 0; }

struct Answer {
  int exact = 0;
  int nearest = 0;  // of the ranges at or before the offset
};

Answer Find(LineTableFormat format, std::span<const uint8_t> table, int first_line, int offset_bytes) {
  Answer answer;
  Walk(format, table, first_line, [&](const LineRange& range) {
    if (offset_bytes < range.start) return false;
    const int line = AsLine(range.line);
    if (line > 0) answer.nearest = line;
    if (offset_bytes < range.end) answer.exact = line;
    return offset_bytes >= range.end;
  });
  return answer;
}

}  // namespace

int LineAt(LineTableFormat format, std::span<const uint8_t> table, int first_line, int offset_bytes) {
  if (offset_bytes < 0) return first_line;
  return Find(format, table, first_line, offset_bytes).exact;
}

int LineOrNearest(LineTableFormat format, std::span<const uint8_t> table, int first_line, int offset_bytes) {
  if (offset_bytes < 0) return first_line;
  const Answer answer = Find(format, table, first_line, offset_bytes);
  return answer.nearest > 0 ? answer.nearest : first_line;
}

}  // namespace scalene::cpython
