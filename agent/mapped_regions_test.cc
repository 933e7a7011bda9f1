#include "agent/mapped_regions.h"

#include <gtest/gtest.h>

namespace scalene::agent {
namespace {

const void* At(uint64_t address) { return reinterpret_cast<const void*>(address); }

// The table is one for the process: each test takes its regions out again.
TEST(MappedRegionsTest, AWholeRegionGoes) {
  ASSERT_TRUE(AddRegion(At(0x10000), 0x4000));
  EXPECT_TRUE(IsRegion(At(0x10000), 0x4000));
  EXPECT_FALSE(IsRegion(At(0x11000), 0x1000));  // a part of one
  const RemovedPages removed = RemoveRegion(At(0x10000), 0x4000);
  EXPECT_EQ(removed.region, At(0x10000));
  EXPECT_EQ(removed.bytes, 0x4000u);
  EXPECT_EQ(removed.rest_bytes, 0u);
  EXPECT_FALSE(HasRegions());
}

TEST(MappedRegionsTest, UnmappingTheMiddleLeavesBothEnds) {
  AddRegion(At(0x10000), 0x8000);
  const RemovedPages removed = RemoveRegion(At(0x12000), 0x1000);
  EXPECT_EQ(removed.region, At(0x10000));
  EXPECT_EQ(removed.bytes, 0x1000u);
  EXPECT_EQ(removed.rest, At(0x10000));
  EXPECT_EQ(removed.rest_bytes, 0x7000u);
  EXPECT_TRUE(IsRegion(At(0x10000), 0x2000));
  EXPECT_TRUE(IsRegion(At(0x13000), 0x5000));
  EXPECT_EQ(RemoveRegion(At(0x10000), 0x2000).bytes, 0x2000u);
  EXPECT_EQ(RemoveRegion(At(0x13000), 0x5000).bytes, 0x5000u);
}

TEST(MappedRegionsTest, UnmappingTheStartLeavesTheEnd) {
  AddRegion(At(0x10000), 0x8000);
  const RemovedPages removed = RemoveRegion(At(0xe000), 0x4000);  // begins before the region
  EXPECT_EQ(removed.bytes, 0x2000u);
  EXPECT_EQ(removed.rest, At(0x12000));
  EXPECT_EQ(removed.rest_bytes, 0x6000u);
  EXPECT_EQ(RemoveRegion(At(0x12000), 0x10000).bytes, 0x6000u);  // ends behind it
}

TEST(MappedRegionsTest, WhatWasNeverCountedTakesNothingAway) {
  AddRegion(At(0x10000), 0x1000);
  EXPECT_EQ(RemoveRegion(At(0x20000), 0x1000).bytes, 0u);
  EXPECT_EQ(RemoveRegion(At(0x11000), 0x1000).bytes, 0u);  // right behind
  EXPECT_EQ(RemoveRegion(At(0x10000), 0x1000).bytes, 0x1000u);
}

TEST(MappedRegionsTest, AFullTableRefusesMore) {
  uint64_t taken = 0;
  while (AddRegion(At(0x100000 + taken * 0x2000), 0x1000)) ++taken;
  EXPECT_EQ(taken, 4096u);
  for (uint64_t i = 0; i < taken; ++i) EXPECT_EQ(RemoveRegion(At(0x100000 + i * 0x2000), 0x1000).bytes, 0x1000u);
  EXPECT_FALSE(HasRegions());
}

}  // namespace
}  // namespace scalene::agent
