#include "profile/folded_counts.h"

#include <gtest/gtest.h>

namespace scalene::profile {
namespace {

constexpr LineKey kLine{StringId{1}, 7};
const FrameData kFrame{StringId{1}, StringId{2}, 5, 7};

FoldedSample Sample(double sec, CpuKind kind) { return {sec, kind, 100.0, 0.5}; }

TEST(FoldedCountsTest, KeepsKindsOfTimeApart) {
  FoldedCounts counts;
  counts.AddToLine(kLine, kFrame, Sample(0.5, CpuKind::kPython));
  counts.AddToLine(kLine, kFrame, Sample(0.25, CpuKind::kNative));
  counts.AddToLine(kLine, kFrame, Sample(0.125, CpuKind::kKernel));
  const LineCounts& line = counts.lines().at(kLine);
  EXPECT_DOUBLE_EQ(line.sec.python, 0.5);
  EXPECT_DOUBLE_EQ(line.sec.native, 0.25);
  EXPECT_DOUBLE_EQ(line.sec.kernel, 0.125);
  EXPECT_EQ(line.samples, 3);
  EXPECT_DOUBLE_EQ(counts.cpu_sec(), 0.875);
}

TEST(FoldedCountsTest, ScalesSecondsButNotSamplesWhenMerged) {
  FoldedCounts process, run;
  process.AddToLine(kLine, kFrame, Sample(1, CpuKind::kPython));
  process.AddToStack(StackId{3}, Sample(1, CpuKind::kPython));
  process.AddOutside(StringId{9}, Sample(2, CpuKind::kNative));
  run.Merge(process, 1.5);
  EXPECT_DOUBLE_EQ(run.lines().at(kLine).sec.python, 1.5);
  EXPECT_EQ(run.lines().at(kLine).samples, 1);
  EXPECT_DOUBLE_EQ(run.stacks().at(StackId{3}).sec.python, 1.5);
  EXPECT_DOUBLE_EQ(run.outside().sec, 3);
  EXPECT_DOUBLE_EQ(run.outside().files.at(StringId{9}).first, 3);
  EXPECT_DOUBLE_EQ(run.cpu_sec(), 4.5);
}

TEST(FoldedCountsTest, IsUnchangedByMergingNothing) {
  FoldedCounts run;
  run.AddToLine(kLine, kFrame, Sample(1, CpuKind::kPython));
  run.Merge(FoldedCounts(), 7);
  EXPECT_DOUBLE_EQ(run.lines().at(kLine).sec.python, 1);
  EXPECT_EQ(run.samples(), 1);
}

TEST(ThinnedTest, StaysBelowItsBoundAndEvenlySpread) {
  Thinned thinned;
  for (int i = 0; i < 100'000; ++i) thinned.Add(i);
  ASSERT_LT(thinned.values().size(), 2 * Thinned::kMost);
  ASSERT_GE(thinned.values().size(), Thinned::kMost / 2);
  const double step = thinned.values()[1] - thinned.values()[0];
  for (size_t i = 1; i < thinned.values().size(); ++i) EXPECT_EQ(thinned.values()[i] - thinned.values()[i - 1], step);
  EXPECT_GT(thinned.values().back(), 99'000);
}

TEST(ThinnedTest, MergesListsOfDifferentDensity) {
  Thinned dense, sparse;
  for (int i = 0; i < 100; ++i) dense.Add(i);
  for (int i = 0; i < 8000; ++i) sparse.Add(1000 + i);
  const size_t in_sparse = sparse.values().size();
  sparse.Merge(dense);
  EXPECT_LT(sparse.values().size() - in_sparse, 20u);  // as thin as the rest
  EXPECT_GT(sparse.values().size(), in_sparse);
}

}  // namespace
}  // namespace scalene::profile
