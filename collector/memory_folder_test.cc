#include "collector/memory_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "profile/temporary_tree.h"
#include "wire/memory_sampling.h"

namespace scalene::collector {
namespace {

constexpr uint64_t kWindow = 1 << 20;
constexpr double kMebibyte = 1 << 20;

// A program of one file whose n-th instruction lies in its n-th line, allocating on one thread. The process's own counters
// say what the test says.
class MemoryFolderTest : public testing::Test {
 protected:
  MemoryFolderTest() {
    python_.minor = 9;  // its line tables are pairs (bytes, lines)
    main_ = tree_.File("app/main.py");
    profile::FilterOptions options;
    options.root = options.directory = tree_.Path("app");
    folder_ = std::make_unique<SampleFolder>(options, true);
    memory_ = std::make_unique<MemoryFolder>(*folder_, kWindow);
    memory_->Begin(0);
    DescribeMain();
  }

  void DescribeMain(uint8_t instructions_per_line = 1) {
    std::vector<uint8_t> table;
    for (int line = 0; line < 50; ++line) table.insert(table.end(), {instructions_per_line, 1});
    wire::CodeEvent event{};
    event.record.address = code_;
    event.record.first_line = 1;
    event.record.table_bytes = static_cast<uint32_t>(table.size());
    event.file = {{reinterpret_cast<const uint8_t*>(main_.data()), main_.size()}, 1, false};
    event.name = {{reinterpret_cast<const uint8_t*>("<module>"), 8}, 1, false};
    event.table = table;
    codes_.Describe(event);
  }

  struct Block {
    int line = 1;
    uint64_t bytes = 0;
    uint64_t window = kWindow;
    uint64_t allocated = 0;  // by the process so far
    uint16_t kind = wire::kAllocationPython;
    uint16_t flags = 0;
    int offset = -1;  // of the instruction within the code; -1: the line's
  };
  // Returns the block's number.
  uint64_t Make(const Block& block) { return MakeIn(process_, block); }
  uint64_t MakeIn(ProcessMemory& process, const Block& block) {
    wire::AllocationEvent event{};
    event.record.time_ns = static_cast<uint64_t>(now_sec_ * 1e9);
    event.record.id = ++last_id_;
    event.record.bytes = block.bytes;
    event.record.window = block.window;
    event.record.allocated = block.allocated;
    event.record.python_live = python_live_;
    event.record.native_live = native_live_;
    event.record.tid = 1;
    event.record.flags = block.flags;
    event.record.kind = block.kind;
    const wire::FrameEntry frame{code_, 0, block.offset >= 0 ? block.offset : block.line - 1};
    if ((block.flags & wire::kSampleNoThreadState) == 0) event.frames = {&frame, 1};
    ProcessContext context = Context();
    memory_->Fold(process, context, event);
    return last_id_;
  }
  ProcessContext Context() { return {codes_, python_, counts_of_time_, waits_, driver_, last_line_}; }
  void Free(uint64_t id, uint64_t bytes, uint64_t allocated = 0, uint32_t flags = 0) {
    wire::FreeRecord record{};
    record.time_ns = static_cast<uint64_t>(now_sec_ * 1e9);
    record.id = id;
    record.bytes = bytes;
    record.window = kWindow;
    record.allocated = allocated;
    record.flags = flags;
    memory_->Fold(process_, record);
  }
  void ThinTo(uint64_t window) {
    wire::MemoryWindowRecord record{};
    record.window = window;
    memory_->Fold(process_, record);
  }
  void Look() {
    wire::MemoryCounters counters{};
    counters.python_live = python_live_;
    counters.native_live = native_live_;
    memory_->Look(process_, counters, now_sec_);
  }
  const profile::LineMemory& Line(int number) const {
    for (const auto& [key, line] : counts().lines) {
      if (key.line == number) return line;
    }
    static const profile::LineMemory kNone;
    return kNone;
  }
  const profile::MemoryCounts& counts() const { return memory_->counts(); }

  ProcessMemory process_;
  std::unique_ptr<MemoryFolder> memory_;
  double now_sec_ = 1;
  int64_t python_live_ = 0, native_live_ = 0;

 private:
  profile::TemporaryTree tree_;
  profile::PythonEnvironment python_;
  std::string main_;
  std::unique_ptr<SampleFolder> folder_;
  CodeObjects codes_{getpid(), 9};
  profile::FoldedCounts counts_of_time_;
  ProcessContext::Waits waits_;
  ProcessContext::RecentLine driver_, last_line_;
  const uint64_t code_ = 0x1000;
  uint64_t last_id_ = 0;
};

TEST_F(MemoryFolderTest, ALargeBlockIsExact) {
  const uint64_t block = Make({.line = 3, .bytes = 2 << 20});
  EXPECT_EQ(Line(3).counted, 2 * kMebibyte);
  EXPECT_EQ(Line(3).python, 2 * kMebibyte);
  EXPECT_EQ(Line(3).variance, 0);
  EXPECT_EQ(Line(3).exact_executions, 1);
  now_sec_ = 5;
  Free(block, 2 << 20);
  EXPECT_EQ(Line(3).held.live(), 0);
  EXPECT_EQ(Line(3).held.most(), 2 * kMebibyte);
  EXPECT_EQ(Line(3).age_sec, 4);
  EXPECT_EQ(Line(3).counted, 2 * kMebibyte);
}

TEST_F(MemoryFolderTest, ASmallBlockStandsForItsShareOfTheWindow) {
  Make({.line = 3, .bytes = 1000});
  const double chance = -std::expm1(-1000.0 / kMebibyte);  // 1 in 1,049
  EXPECT_NEAR(Line(3).all, 1000 / chance, 1e-3);
  EXPECT_NEAR(Line(3).allocations, 1 / chance, 1e-6);
  EXPECT_NEAR(Line(3).live_variance, 1000.0 * 1000 * (1 - chance) / (chance * chance), 1);
}

TEST_F(MemoryFolderTest, ASmallBlockCountsOnceAWindowHasBeenAllocated) {
  Make({.line = 3, .bytes = 1000, .allocated = 500});
  Make({.line = 4, .bytes = 1000, .allocated = 500 + kWindow - 1});
  EXPECT_EQ(Line(3).counted, 0);
  Make({.line = 4, .bytes = 1000, .allocated = 500 + kWindow});
  EXPECT_EQ(Line(3).counted, Line(3).all);
  EXPECT_EQ(Line(4).counted, 0);
}

TEST_F(MemoryFolderTest, ASmallBlockThatGoesBeforeIsTransient) {
  const uint64_t block = Make({.line = 3, .bytes = 1000, .allocated = 500});
  Free(block, 1000, 500 + kWindow - 1);
  EXPECT_EQ(Line(3).counted, 0);
  EXPECT_EQ(counts().transient, Line(3).all);
  EXPECT_EQ(Line(3).live_variance, 0);
}

TEST_F(MemoryFolderTest, WhatReallocGivesBackIsAPartOfTheBlock) {
  const uint64_t block = Make({.line = 3, .bytes = 4 << 20});
  Free(block, 3 << 20);
  EXPECT_EQ(Line(3).held.live(), kMebibyte);
  Free(block, 1 << 20);
  EXPECT_EQ(Line(3).held.live(), 0);
  EXPECT_EQ(Line(3).aged, 1);
}

TEST_F(MemoryFolderTest, AnExecutionGoesOnWhileOffsetsRise) {
  DescribeMain(/*instructions_per_line=*/10);
  for (const int offset : {4, 6, 8}) Make({.bytes = 2 << 20, .offset = offset});
  EXPECT_EQ(Line(1).exact_executions, 1);
  for (const int offset : {4, 6, 6}) Make({.bytes = 2 << 20, .offset = offset});
  EXPECT_EQ(Line(1).exact_executions, 3);
}

TEST_F(MemoryFolderTest, TheFootprintIsTheCounters) {
  python_live_ = 10'000'000, native_live_ = 2'000'000;  // before the program began
  wire::MemoryCounters counters{};
  counters.python_at_start = python_live_;
  counters.native_at_start = native_live_;
  memory_->NoteStart(process_, counters);
  python_live_ += 3'000'000, native_live_ += 1'000'000;
  Make({.line = 3, .bytes = 3'000'000});
  EXPECT_EQ(counts().footprint.highest, 4'000'000);
  EXPECT_EQ(counts().footprint.highest_python, 3'000'000);
  EXPECT_EQ(counts().footprint.highest_line.line, 3);
  EXPECT_EQ(memory_->HighestOf(process_), 4'000'000);
}

TEST_F(MemoryFolderTest, FootprintsOfProcessesAdd) {
  ProcessMemory child;
  python_live_ = 5'000'000;
  Make({.line = 3, .bytes = 5'000'000});
  MakeIn(child, {.line = 4, .bytes = 5'000'000});
  EXPECT_EQ(counts().footprint.highest, 10'000'000);
  memory_->End(child, /*keep=*/false);
  now_sec_ = 2;
  Look();
  EXPECT_EQ(counts().footprint.at_end, 5'000'000);
  EXPECT_EQ(Line(4).held.live(), 0);
  EXPECT_EQ(counts().footprint.highest, 10'000'000);
}

TEST_F(MemoryFolderTest, AChildThatFreesItsParentsBlockHoldsNoLessForIt) {
  python_live_ = 3'000'000;
  Make({.line = 3, .bytes = 3'000'000});
  python_live_ -= 2'000'000;
  Free(77, 2'000'000, 0, wire::kFreeInherited);
  Look();
  EXPECT_EQ(counts().footprint.at_end, 3'000'000);
}

TEST_F(MemoryFolderTest, WhatLivesAtTheEndIsCounted) {
  Make({.line = 3, .bytes = 1000});
  memory_->End(process_, /*keep=*/true);
  EXPECT_EQ(Line(3).counted, Line(3).all);
  EXPECT_EQ(Line(3).held.live(), Line(3).all);
}

TEST_F(MemoryFolderTest, NativeThreadsHaveNoLine) {
  Make({.bytes = 4 << 20, .kind = 0, .flags = wire::kSampleNoThreadState});
  EXPECT_EQ(counts().native_threads, 4 * kMebibyte);
  EXPECT_TRUE(counts().lines.empty());
}

TEST_F(MemoryFolderTest, WhereTheAllocatorDoesNotTellTheFootprintIsOfSamples) {
  const uint64_t block = Make({.line = 3, .bytes = 2 << 20, .kind = wire::kAllocationPython | wire::kAllocationOpaque});
  Look();
  EXPECT_EQ(counts().footprint.at_end, 2 * kMebibyte);
  EXPECT_FALSE(counts().footprint.exact);
  Free(block, 2 << 20);
  Look();
  EXPECT_EQ(counts().footprint.at_end, 0);
}

TEST_F(MemoryFolderTest, ThinningLeavesTheSumWhereItWas) {
  constexpr int kBlocks = 4000;
  for (int i = 0; i < kBlocks; ++i) Make({.line = 3, .bytes = 1000});
  Make({.line = 4, .bytes = 8 << 20});
  const double before = Line(3).held.live(), variance_before = Line(3).live_variance;
  ThinTo(2 * kWindow);
  ThinTo(4 * kWindow);
  int kept = 0;
  for (uint64_t id = 1; id <= kBlocks; ++id) kept += wire::StaysAt(id, 1000, kWindow, 4 * kWindow);
  EXPECT_NEAR(kept, kBlocks / 4, 4 * std::sqrt(kBlocks * 3.0 / 16));
  EXPECT_NEAR(Line(3).held.live(), kept * 1000 / wire::SampleChance(1000, 4 * kWindow), 1);
  EXPECT_NEAR(Line(3).held.live() / before, 1, 4 * std::sqrt(3.0 / kBlocks));
  EXPECT_NEAR(Line(3).live_variance / variance_before, 4, 0.5);
  EXPECT_EQ(Line(4).held.live(), 8 * kMebibyte);  // large blocks stay
  EXPECT_EQ(memory_->ThinningsOf(process_), 2);
  for (uint64_t id = 1; id <= kBlocks; ++id) Free(id, 1000);  // of most the agent would no longer tell
  EXPECT_NEAR(Line(3).held.live(), 0, 1);
  EXPECT_NEAR(Line(3).live_variance / variance_before, 0, 1e-6);
}

TEST_F(MemoryFolderTest, ASampleToldAfterTheThinningIsThinned) {
  ThinTo(uint64_t{1} << 40);
  for (int i = 0; i < 100; ++i) Make({.line = 3, .bytes = 1000});
  EXPECT_EQ(Line(3).held.live(), 0);  // none of a hundred stays at a window a million times as large
  EXPECT_EQ(Line(3).counted, Line(3).all);
}

TEST_F(MemoryFolderTest, ImpossibleClaimsAreIgnored) {
  Make({.line = 3, .bytes = 0});
  Make({.line = 3, .bytes = 1000, .window = 0});
  Make({.line = 3, .bytes = uint64_t{1} << 60});
  Free(1, 1000);
  EXPECT_TRUE(counts().lines.empty());
  EXPECT_EQ(counts().samples, 1);  // the free of nothing
}

TEST_F(MemoryFolderTest, ACopyStandsForItsShareOfTheWindow) {
  wire::CopyEvent event{};
  event.record.bytes = 64;
  event.record.window = kWindow;
  ProcessContext context = Context();
  memory_->Fold(context, event);
  EXPECT_NEAR(counts().copied, kWindow + 32, 1);
}

}  // namespace
}  // namespace scalene::collector
