// Line tables come from another process's memory: any bytes must give a line, quickly and without reading outside them.
#include <cstddef>
#include <cstdint>

#include "base/cpython/line_table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace scalene::cpython;
  if (size < 3) return 0;
  const auto format = static_cast<LineTableFormat>(data[0] % 3);
  const int offset = data[1] * 256 + data[2];
  if (LineAt(format, {data + 3, size - 3}, 1, offset) < 0) __builtin_trap();
  if (LineOrNearest(format, {data + 3, size - 3}, 1, offset) < 1) __builtin_trap();
  return 0;
}
