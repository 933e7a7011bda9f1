// Line tables of code objects: from an instruction's byte offset to its source line. Three formats in eight versions.
//
//   kLnotab         3.8, 3.9   pairs (address delta, signed line delta)
//   kLineTable310   3.10       pairs (length in bytes, signed line delta; -128 = no line)
//   kLocationTable  3.11+      variable entries in code units, with end lines and columns, which are skipped here
//
// The bytes come from another process and may be garbage: every table gives an answer, in time proportional to its
// size, without reading outside it. Tables of generated functions exceed 100 KiB. Decoding never happens inside the
// target. Threads: pure functions.
#pragma once

#include <cstdint>
#include <span>

namespace scalene::cpython {

enum class LineTableFormat { kLnotab, kLineTable310, kLocationTable };

constexpr LineTableFormat FormatFor(int minor) {
  if (minor <= 9) return LineTableFormat::kLnotab;
  return minor == 10 ? LineTableFormat::kLineTable310 : LineTableFormat::kLocationTable;
}

// The line of the instruction at `offset_bytes`, or 0 when the table gives it none (compiler-made instructions; the
// first instructions of a module, whose line is 0). A negative offset (frame not started) is the first line.
int LineAt(LineTableFormat format, std::span<const uint8_t> table, int first_line, int offset_bytes);

// The same for display and attribution: an instruction without a line belongs to the nearest earlier line, else to the
// first line of the code object.
int LineOrNearest(LineTableFormat format, std::span<const uint8_t> table, int first_line, int offset_bytes);

}  // namespace scalene::cpython
