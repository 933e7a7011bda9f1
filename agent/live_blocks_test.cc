#include "agent/live_blocks.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <vector>

#include "agent/arena_map.h"
#include "agent/footprint.h"
#include "agent/process_state.h"
#include "agent/signal_handler.h"
#include "agent/thread_memory.h"
#include "wire/memory_sampling.h"

// What the table needs of the rest of the agent.
namespace scalene::agent {
constinit Agent g_agent{};
__thread ThreadMemory t_memory;
bool EndIfFinalizing() { return false; }
uint64_t AllocatedSoFar() { return 12345; }
uint64_t NextSampleId() { return 1; }  // nothing is inherited

namespace {

constexpr uint64_t kWindow = 1500;
constexpr uint32_t kRingBytes = 16 << 20;  // a record of each of 200,000 blocks

const void* At(uint64_t address) { return reinterpret_cast<const void*>(address); }

// The table is one for the process, as it is in a program: each test frees what it has added.
class LiveBlocksTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const int fd = memfd_create("ring", MFD_CLOEXEC);
    ASSERT_EQ(ftruncate(fd, kRingBytes), 0);
    auto* data = static_cast<uint8_t*>(mmap(nullptr, 2 * kRingBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    for (int copy = 0; copy < 2; ++copy) {
      mmap(data + copy * kRingBytes, kRingBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    }
    close(fd);
    static wire::Control control{};
    static ProcessState state{};
    state.ring = wire::RingBuffer(&control, data, kRingBytes);
    state.phase = RingPhase::kOpen;
    g_agent.state = &state;
    ASSERT_TRUE(MakeLiveBlocks(kWindow));
  }

  struct Reported {
    std::vector<wire::FreeRecord> frees;
    std::vector<uint64_t> windows;
  };
  static Reported ReadAll() {
    Reported reported;
    const wire::RingBuffer& ring = g_agent.state->ring;
    for (auto view = ring.BeginRead(); view.bytes != nullptr; view = ring.BeginRead()) {
      wire::RecordHeader header;
      std::memcpy(&header, view.bytes, sizeof header);
      if (header.type == wire::RecordType::kFree) {
        std::memcpy(&reported.frees.emplace_back(), view.bytes, sizeof(wire::FreeRecord));
      } else if (header.type == wire::RecordType::kMemoryWindow) {
        wire::MemoryWindowRecord record;
        std::memcpy(&record, view.bytes, sizeof record);
        reported.windows.push_back(record.window);
      }
      ring.EndRead(view);
    }
    return reported;
  }
  static void FillTheRing() {
    while (auto* header = g_agent.state->ring.BeginWrite(4096, wire::RecordType::kNotice)) {
      wire::RingBuffer::EndWrite(header);
    }
    while (auto* header = g_agent.state->ring.BeginWrite(16, wire::RecordType::kNotice)) {
      wire::RingBuffer::EndWrite(header);
    }
  }
};

TEST_F(LiveBlocksTest, ABlockThatIsFreedIsReportedOnce) {
  EXPECT_FALSE(MayBeSampled(At(0x5000)));
  ASSERT_TRUE(AddLiveBlock(At(0x5000), 1000, 7, kWindow));
  EXPECT_TRUE(MayBeSampled(At(0x5000)));
  EXPECT_FALSE(MayBeSampled(At(0x5010)));
  FreeLiveBlock(At(0x5000));
  EXPECT_FALSE(MayBeSampled(At(0x5000)));
  FreeLiveBlock(At(0x5000));
  const auto frees = ReadAll().frees;
  ASSERT_EQ(frees.size(), 1u);
  EXPECT_EQ(frees[0].id, 7u);
  EXPECT_EQ(frees[0].bytes, 1000u);
  EXPECT_EQ(frees[0].window, kWindow);
  EXPECT_EQ(frees[0].allocated, 12345u);
}

TEST_F(LiveBlocksTest, AFreeOfANeighbourInTheFilterFreesNothing) {
  ASSERT_TRUE(AddLiveBlock(At(0x5000), 1000, 7, kWindow));
  const uint64_t twin = 0x5000 + uint64_t{16} * kFilterPlaces;
  EXPECT_TRUE(MayBeSampled(At(twin)));
  FreeLiveBlock(At(twin));
  EXPECT_TRUE(ReadAll().frees.empty());
  FreeLiveBlock(At(0x5000));
  EXPECT_EQ(ReadAll().frees.size(), 1u);
}

TEST_F(LiveBlocksTest, ABlockAndItsGrowthGoTogether) {
  AddLiveBlock(At(0x5000), 1000, 7, kWindow);
  AddLiveBlock(At(0x5000), 500, 8, kWindow);
  FreeLiveBlock(At(0x5000));
  EXPECT_EQ(ReadAll().frees.size(), 2u);
  EXPECT_FALSE(MayBeSampled(At(0x5000)));
}

TEST_F(LiveBlocksTest, ABlockThatMovesAndShrinksGivesBackTheRest) {
  AddLiveBlock(At(0x5000), 1000, 7, kWindow);
  const DetachedBlocks detached = DetachLiveBlock(At(0x5000));
  EXPECT_EQ(DetachedBytes(detached), 1000u);
  EXPECT_FALSE(MayBeSampled(At(0x5000)));
  AttachLiveBlock(detached, At(0x9000), 300);
  EXPECT_TRUE(MayBeSampled(At(0x9000)));
  FreeLiveBlock(At(0x9000));
  const auto frees = ReadAll().frees;
  ASSERT_EQ(frees.size(), 2u);
  EXPECT_EQ(frees[0].bytes, 700u);
  EXPECT_EQ(frees[1].bytes, 300u);
}

TEST_F(LiveBlocksTest, WhatFindsNoRoomInTheRingIsReportedLater) {
  AddLiveBlock(At(0x5000), 1000, 7, kWindow);
  FillTheRing();
  FreeLiveBlock(At(0x5000));
  EXPECT_TRUE(ReadAll().frees.empty());
  AddLiveBlock(At(0x6000), 1000, 8, kWindow);  // the next to come by
  const auto frees = ReadAll().frees;
  ASSERT_EQ(frees.size(), 1u);
  EXPECT_EQ(frees[0].id, 7u);
  FreeLiveBlock(At(0x6000));
  ReadAll();
}

TEST_F(LiveBlocksTest, ASampleMarksItsPageInAnArena) {
  g_pool_mask = ~uint64_t{16 * 1024 - 1};
  MarkArena(At(0x7f00'0000'0000), 1 << 20, true);
  AddLiveBlock(At(0x7f00'0004'0000), 1000, 7, kWindow);
  EXPECT_FALSE(IsPlainlyPooled(At(0x7f00'0004'0100)));
  FreeLiveBlock(At(0x7f00'0004'0000));
  EXPECT_TRUE(IsPlainlyPooled(At(0x7f00'0004'0100)));
  ReadAll();
}

// Comes last: thinning is for good.
TEST_F(LiveBlocksTest, ZAFullTableIsThinnedByTheRuleThatBothSidesKnow) {
  // 131,071 places. 58 % stay at twice the window, so 76,000 do, and of what comes then: the 200,000 fit.
  constexpr uint64_t kBlocks = 200'000, kBytes = 1000;
  for (uint64_t id = 1; id <= kBlocks; ++id) ASSERT_TRUE(AddLiveBlock(At(id * 32), kBytes, id, kWindow)) << id;
  EXPECT_EQ(ThinnedShift(), 1);
  EXPECT_EQ(ReadAll().windows, std::vector<uint64_t>{2 * kWindow});
  for (uint64_t id = 1; id <= kBlocks; ++id) FreeLiveBlock(At(id * 32));
  uint64_t stay = 0;
  for (uint64_t id = 1; id <= kBlocks; ++id) stay += wire::StaysAt(id, kBytes, kWindow, 2 * kWindow);
  EXPECT_EQ(ReadAll().frees.size(), stay);
}

}  // namespace
}  // namespace scalene::agent
