#include "agent/small_copies.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <numeric>

namespace scalene::agent {
namespace {

using Bytes = std::array<unsigned char, 256>;

Bytes Numbered() {
  Bytes bytes;
  std::iota(bytes.begin(), bytes.end(), 0);
  return bytes;
}

// Every size at every distance, backwards and forwards, overlapping or not: the bytes around stay as they are.
template <typename Move>
void ExpectMovesAsMemmove(Move move, size_t from_bytes) {
  constexpr size_t kFrom = 96;
  for (size_t bytes = from_bytes; bytes <= kFewBytes; ++bytes) {
    for (size_t to = kFrom - kFewBytes - 1; to <= kFrom + kFewBytes + 1; ++to) {
      Bytes expected = Numbered(), moved = Numbered();
      std::memmove(expected.data() + to, expected.data() + kFrom, bytes);
      move(moved.data() + to, moved.data() + kFrom, bytes);
      ASSERT_EQ(moved, expected) << bytes << " bytes to " << to;
    }
  }
}

TEST(SmallCopiesTest, MovesWhatMemmoveMoves) {
  ExpectMovesAsMemmove([](auto... all) { MoveFew(all...); }, 0);
  char from[] = "x", to[] = "y";
  EXPECT_EQ(MoveFew(to, from, 1), to);
}

TEST(SmallCopiesTest, WideRegistersMoveTheSame) {
  if (!HasWideRegisters()) GTEST_SKIP() << "this processor has no AVX-512VL";
  ExpectMovesAsMemmove([](auto... all) { MoveWide(all...); }, kWideFrom);
}

}  // namespace
}  // namespace scalene::agent
