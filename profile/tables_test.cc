#include "profile/tables.h"

#include <gtest/gtest.h>

#include "profile/timeline.h"

namespace scalene::profile {
namespace {

TEST(StringTableTest, GivesEqualTextsTheSameId) {
  StringTable table;
  const StringId a = table.Intern("a.py"), b = table.Intern("b.py");
  EXPECT_EQ(table.Intern("a.py"), a);
  EXPECT_NE(a, b);
  EXPECT_EQ(table.Get(a), "a.py");
  EXPECT_FALSE(table.Intern(""));
}

TEST(FrameTableTest, TellsFramesApartByEveryField) {
  FrameTable table;
  const FrameData frame{StringId{1}, StringId{2}, 3, 4};
  const FrameId id = table.Intern(frame);
  EXPECT_EQ(table.Intern(frame), id);
  FrameData other = frame;
  other.line = 5;
  EXPECT_NE(table.Intern(other), id);
  other = frame;
  other.first_line = 5;
  EXPECT_NE(table.Intern(other), id);
  EXPECT_EQ(table.Get(id), frame);
}

TEST(StackTableTest, SharesCommonParentsAndListsOutermostFirst) {
  StackTable table;
  const StackId main = table.Push({}, FrameId{1});
  const StackId left = table.Push(main, FrameId{2}), right = table.Push(main, FrameId{3});
  EXPECT_EQ(table.Push(main, FrameId{2}), left);
  EXPECT_EQ(table.ParentOf(right), main);
  EXPECT_EQ(table.FramesOf(left), (std::vector<FrameId>{FrameId{1}, FrameId{2}}));
  EXPECT_TRUE(table.FramesOf({}).empty());
}

TEST(StackTableTest, FoldsIntoTheParentWhenFull) {
  StackTable table;
  const StackId main = table.Push({}, FrameId{1});
  for (uint32_t i = 0; i < StackTable::kCapacity; ++i) table.Push(main, FrameId{i + 2});
  EXPECT_EQ(table.Push(main, FrameId{StackTable::kCapacity + 100}), main);
  EXPECT_GT(table.folded(), 0u);
}

TEST(TimelineTest, CountsRepeatedStacksOfAThreadAsOneRun) {
  Timeline timeline;
  timeline.Add(1, StackId{5}, 0.1);
  timeline.Add(2, StackId{5}, 0.2);
  timeline.Add(1, StackId{5}, 0.3);
  timeline.Add(1, StackId{6}, 0.4);
  timeline.Settle();
  ASSERT_EQ(timeline.runs().size(), 3u);
  EXPECT_EQ(timeline.runs()[0].count, 2);
  EXPECT_EQ(timeline.runs()[2].stack, StackId{6});
}

TEST(TimelineTest, ARunKnowsItsLastSampleAndEndsWhereItsThreadWasNotSeenForLong) {
  Timeline timeline;
  for (const double sec : {0.1, 0.3, 0.5, 0.8}) timeline.Add(1, StackId{5}, sec);
  timeline.Settle();
  ASSERT_EQ(timeline.runs().size(), 2u);
  EXPECT_EQ(timeline.runs()[0].count, 3);
  EXPECT_EQ(timeline.runs()[0].last_sec, 0.5);
  EXPECT_EQ(timeline.runs()[1].time_sec, 0.8);
}

TEST(TimelineTest, PutsWhatComesLateWhereItBelongs) {
  Timeline timeline;
  timeline.Add(1, StackId{5}, 0.1);
  timeline.Add(1, StackId{5}, 0.3);
  timeline.Add(1, StackId{6}, 0.2);  // by another road
  timeline.Settle();
  ASSERT_EQ(timeline.runs().size(), 3u);
  EXPECT_EQ(timeline.runs()[1].stack, StackId{6});
  EXPECT_EQ(timeline.runs()[2].time_sec, 0.3);
}

TEST(TimelineTest, ForgetsWhichRunsAreOpenWhenThreadsAreMany) {
  Timeline timeline;
  for (uint64_t thread = 0; thread < Timeline::kMostOpen + 10; ++thread) timeline.Add(thread, StackId{5}, 0.1);
  timeline.Add(0, StackId{5}, 0.2);
  timeline.Settle();
  EXPECT_EQ(timeline.runs().size(), Timeline::kMostOpen + 11);
}

TEST(TimelineTest, HalvesItsResolutionAndKeepsTheEndAndEverySample) {
  Timeline timeline;
  constexpr int kSamples = 250'000;
  for (int i = 0; i < kSamples; ++i) timeline.Add(1, StackId{static_cast<uint32_t>(1 + i % 2)}, i);
  timeline.Settle();
  EXPECT_LE(timeline.runs().size(), Timeline::kMost);
  EXPECT_GT(timeline.halved(), 0);
  int64_t total = 0;
  for (const auto& run : timeline.runs()) total += run.count;
  EXPECT_EQ(total, kSamples);
  EXPECT_GT(timeline.runs().back().time_sec, kSamples - 100);
}

}  // namespace
}  // namespace scalene::profile
