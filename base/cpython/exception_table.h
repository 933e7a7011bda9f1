// Exception tables of code objects (3.11+): how much of a frame's value stack an exception at an instruction would keep, that
// is, what lies there for as long as the block runs: the exit functions of `with` statements, iterators of loops.
//
// Entries are start, size, target and 2 x depth + flag in code units, each number in pieces of 6 bits, highest first, all but
// its last with bit 6; the first byte of an entry has bit 7. The bytes come from another process and may be garbage: every
// table gives an answer, in time proportional to its size, without reading outside it.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <span>

namespace scalene::cpython {

namespace exception_table_detail {

inline uint32_t ReadNumber(std::span<const uint8_t> table, size_t& at) {
  uint32_t value = 0;
  while (at < table.size()) {
    const uint8_t byte = table[at++];
    value = value << 6 | (byte & 63);
    if ((byte & 64) == 0) break;
  }
  return value;
}

}  // namespace exception_table_detail

// How many slots of the value stack the handler of the instruction at `offset_bytes` keeps; 0: it has none.
inline uint32_t StackDepthKept(std::span<const uint8_t> table, int32_t offset_bytes) {
  using exception_table_detail::ReadNumber;
  if (offset_bytes < 0) return 0;
  const auto unit = static_cast<uint32_t>(offset_bytes) / 2;
  for (size_t at = 0; at < table.size();) {
    const uint32_t start = ReadNumber(table, at), size = ReadNumber(table, at);
    ReadNumber(table, at);  // the handler itself
    const uint32_t depth = ReadNumber(table, at) >> 1;
    if (start > unit) return 0;  // entries are in order
    if (unit - start < size) return depth;
  }
  return 0;
}

}  // namespace scalene::cpython
