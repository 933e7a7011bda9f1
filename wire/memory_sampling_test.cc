#include "wire/memory_sampling.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scalene::wire {
namespace {

TEST(MemorySamplingTest, ChanceIsThatOfAPoissonProcess) {
  for (const uint64_t bytes : {1ull, 16ull, 4096ull, 100'000ull, 524'287ull}) {
    EXPECT_NEAR(SampleChance(bytes, 1 << 20), -std::expm1(-static_cast<double>(bytes) / (1 << 20)), 1e-9) << bytes;
  }
}

TEST(MemorySamplingTest, LargeBlocksAreCertain) {
  EXPECT_EQ(SampleChance(1 << 19, 1 << 20), 1);
  EXPECT_EQ(SampleChance(1, 1), 1);
  EXPECT_LT(SampleChance((1 << 19) - 1, 1 << 20), 1);
}

// What stays at twice the window is as many as would have been chosen at it.
TEST(MemorySamplingTest, ThinningKeepsTheRightShare) {
  constexpr uint64_t kBytes = 1000, kWindow = 4096;
  int stay = 0, of = 200'000;
  for (int id = 1; id <= of; ++id) stay += StaysAt(static_cast<uint64_t>(id), kBytes, kWindow, 2 * kWindow);
  const double share = SampleChance(kBytes, 2 * kWindow) / SampleChance(kBytes, kWindow);
  EXPECT_NEAR(stay / static_cast<double>(of), share, 4 * std::sqrt(share * (1 - share) / of));
}

TEST(MemorySamplingTest, WhatStaysAtALargerWindowStaysAtASmallerOne) {
  for (uint64_t id = 1; id < 5000; ++id) {
    EXPECT_TRUE(StaysAt(id, 300, 4096, 8192) || !StaysAt(id, 300, 4096, 16384)) << id;
  }
}

TEST(MemorySamplingTest, LargeBlocksStay) {
  for (uint64_t id = 1; id < 1000; ++id) EXPECT_TRUE(StaysAt(id, 1 << 20, 4096, 1 << 20));
}

}  // namespace
}  // namespace scalene::wire
