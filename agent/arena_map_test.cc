#include "agent/arena_map.h"

#include <gtest/gtest.h>

namespace scalene::agent {
namespace {

constexpr uint64_t kArenaBytes = 1 << 20, kPoolBytes = 16 << 10;
constexpr uint64_t kFirst = 0x7f12'3450'1000;  // not at a pool's boundary: mappings are aligned to pages only
constexpr uint64_t kFar = 0x0550'0000'0000;

const void* At(uint64_t address) { return reinterpret_cast<const void*>(address); }

// The home is chosen once, around the first arena.
class ArenaMapTest : public testing::Test {
 protected:
  ArenaMapTest() {
    g_pool_mask = ~(kPoolBytes - 1);
    EXPECT_TRUE(MarkArena(At(kFirst), kArenaBytes, true));
  }
  ~ArenaMapTest() override { MarkArena(At(kFirst), kArenaBytes, false); }
};

TEST_F(ArenaMapTest, HoldsTheWholePoolsOfAnArena) {
  const uint64_t first_pool = 0x7f12'3450'4000, behind_last_pool = 0x7f12'3460'0000;
  EXPECT_FALSE(InArena(At(first_pool - 1)));
  EXPECT_TRUE(InArena(At(first_pool)));
  EXPECT_TRUE(IsPlainlyPooled(At(first_pool)));
  EXPECT_TRUE(InArena(At(behind_last_pool - 1)));
  EXPECT_FALSE(InArena(At(behind_last_pool)));
  EXPECT_FALSE(InArena(nullptr));
  EXPECT_FALSE(InArena(At(~uint64_t{0})));
}

TEST_F(ArenaMapTest, ForgetsAnArena) {
  MarkArena(At(kFirst), kArenaBytes, false);
  EXPECT_FALSE(InArena(At(kFirst + kArenaBytes / 2)));
}

TEST_F(ArenaMapTest, HoldsArenasFarFromTheFirst) {
  for (const uint64_t address : {kFar, kFirst - (uint64_t{3} << 40), uint64_t{0x10'0000}}) {
    EXPECT_FALSE(InArena(At(address + kArenaBytes / 2)));
    ASSERT_TRUE(MarkArena(At(address), kArenaBytes, true));
    EXPECT_TRUE(InArena(At(address + kArenaBytes / 2)));
    EXPECT_FALSE(InArena(At(address + 2 * kArenaBytes)));
    MarkArena(At(address), kArenaBytes, false);
    EXPECT_FALSE(InArena(At(address + kArenaBytes / 2)));
  }
}

TEST_F(ArenaMapTest, KnowsNothingBeyondTheAddressSpace) {
  EXPECT_FALSE(MarkArena(At(uint64_t{1} << 50), kArenaBytes, true));
  EXPECT_FALSE(InArena(At((uint64_t{1} << 50) + kPoolBytes)));
}

TEST_F(ArenaMapTest, APageWithSamplesIsNotPlain) {
  for (const uint64_t arena : {kFirst, kFar}) {
    MarkArena(At(arena), kArenaBytes, true);
    const uint64_t block = arena + kArenaBytes / 2 + 64;
    MarkSample(block, true);
    MarkSample(block + 32, true);
    MarkSample(block, false);
    EXPECT_FALSE(IsPlainlyPooled(At(block + 100)));  // another block of the same page
    EXPECT_TRUE(InArena(At(block)));
    EXPECT_EQ(PageOf(At(block + 4096)), kPooled);
    MarkSample(block + 32, false);
    EXPECT_EQ(PageOf(At(block)), kPooled);
  }
  MarkArena(At(kFar), kArenaBytes, false);
}

TEST_F(ArenaMapTest, APageThatLostCountStaysUnplainUntilItsArenaGoes) {
  const uint64_t block = kFirst + kArenaBytes / 2;
  for (int i = 0; i < 300; ++i) MarkSample(block, true);
  for (int i = 0; i < 300; ++i) MarkSample(block, false);
  EXPECT_EQ(PageOf(At(block)), kUncounted);
  MarkArena(At(kFirst), kArenaBytes, true);
  EXPECT_EQ(PageOf(At(block)), kPooled);
}

TEST_F(ArenaMapTest, SamplesElsewhereLeaveNoMark) {
  MarkSample(kFirst + 4 * kArenaBytes, true);
  EXPECT_EQ(PageOf(At(kFirst + 4 * kArenaBytes)), kNotPooled);
}

TEST_F(ArenaMapTest, ReadsTheSizeClassFromThePoolsHeader) {
  alignas(kPoolBytes) static uint8_t pool[kPoolBytes];
  const uint32_t size_index = 5;  // the sixth class: 96 bytes
  __builtin_memcpy(pool + 36, &size_index, sizeof size_index);
  EXPECT_EQ(ClassBytes(pool + 48), 96u);
  EXPECT_EQ(ClassBytes(pool + kPoolBytes - 96), 96u);
}

}  // namespace
}  // namespace scalene::agent
