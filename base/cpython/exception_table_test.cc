#include "base/cpython/exception_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace scalene::cpython {
namespace {

// def f(): with a: b(), with c: d()   of 3.12, shortened: units 5 to 9 keep 1 slot, 9 to 20 keep 3, 20 to 2000 keep 1.
const std::vector<uint8_t> kTable = {0x80 | 5, 4,         40,      1 << 1 | 1, 0x80 | 9, 11,    30,
                                     3 << 1,   0x80 | 20, 64 | 30, 60,         40,       1 << 1};

TEST(ExceptionTableTest, GivesTheDepthOfTheEntryAroundAnInstruction) {
  EXPECT_EQ(StackDepthKept(kTable, 2 * 5), 1u);
  EXPECT_EQ(StackDepthKept(kTable, 2 * 8), 1u);
  EXPECT_EQ(StackDepthKept(kTable, 2 * 9), 3u);
  EXPECT_EQ(StackDepthKept(kTable, 2 * 19 + 1), 3u);
  EXPECT_EQ(StackDepthKept(kTable, 2 * 1999), 1u) << "a size of two pieces";
}

TEST(ExceptionTableTest, OutsideOfAllEntriesNothingIsKept) {
  EXPECT_EQ(StackDepthKept(kTable, 2 * 4), 0u);
  EXPECT_EQ(StackDepthKept(kTable, 2 * 2000), 0u);
  EXPECT_EQ(StackDepthKept(kTable, -2), 0u);
  EXPECT_EQ(StackDepthKept({}, 0), 0u);
}

TEST(ExceptionTableTest, GarbageGivesAnAnswer) {
  std::vector<uint8_t> bytes;
  for (uint32_t seed = 1; seed < 2000; ++seed) {
    bytes.assign(seed % 40, 0);
    for (uint8_t& byte : bytes)
      byte = static_cast<uint8_t>((seed * 2654435761u + 97u * static_cast<uint32_t>(&byte - bytes.data())) >> 11);
    (void)StackDepthKept(bytes, static_cast<int32_t>(seed));
  }
}

}  // namespace
}  // namespace scalene::cpython
