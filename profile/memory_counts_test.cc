#include "profile/memory_counts.h"

#include <gtest/gtest.h>

#include "profile/leaks.h"

namespace scalene::profile {
namespace {

constexpr double kMebibyte = 1 << 20;

TEST(HoldingTest, RemembersItsMostAndWhatItWasAtThePeak) {
  Holding held;
  held.Add(100, 0);
  held.Add(-40, 1);  // a peak lies between
  EXPECT_EQ(held.AtPeak(1), 100);
  held.Add(200, 1);
  EXPECT_EQ(held.AtPeak(1), 100);
  EXPECT_EQ(held.AtPeak(2), 260);  // a peak now
  EXPECT_EQ(held.most(), 260);
  EXPECT_EQ(held.live(), 260);
}

TEST(FootprintCurveTest, KeepsTheExtremes) {
  FootprintCurve curve;
  for (int i = 0; i < 100'000; ++i) curve.Add(i * 0.001, (i == 54'321 ? 900 : i == 70'000 ? 1 : 100) * kMebibyte);
  const auto points = curve.Points(100);
  ASSERT_LE(points.size(), 100u);
  double high = 0, low = 1000;
  for (const MemoryPoint& point : points) {
    high = std::max(high, point.mb);
    low = std::min(low, point.mb);
  }
  EXPECT_EQ(high, 900);
  EXPECT_EQ(low, 1);
  EXPECT_EQ(points.front().t_ns, 0);
  EXPECT_EQ(points.back().t_ns, 99'999'000'000);
  for (size_t i = 1; i < points.size(); ++i) EXPECT_GE(points[i].t_ns, points[i - 1].t_ns);
}

class LeakTest : public testing::Test {
 protected:
  // A block of 1 MiB every `every` seconds up to `until`, each freed after `life` seconds (0: never).
  void Play(double every, double until, double end, double life = 0) {
    double freed = 0;
    for (double now = 0; now < end; now += every) {
      while (life > 0 && freed + life <= now && freed < until) {
        line_.history.AddFreed(freed, now, line_.held.live());
        line_.held.Add(-kMebibyte, 0);
        freed += every;
      }
      if (now >= until) continue;
      line_.history.AddMade(now, line_.held.live());
      line_.held.Add(kMebibyte, 0);
    }
  }
  size_t Leaks(double end) { return LeaksOf({{7, &line_}}, end).count(7); }
  LineMemory line_;
};

TEST_F(LeakTest, GrowthThatGoesOnIsALeak) {
  Play(0.2, 20, 20);
  const auto leaks = LeaksOf({{7, &line_}}, 20);
  ASSERT_EQ(leaks.count(7), 1u);
  EXPECT_NEAR(leaks.at(7).velocity_mb_s, 5, 0.5);
  EXPECT_GE(leaks.at(7).likelihood, 0.95);
}

TEST_F(LeakTest, ACacheThatWasFilledOnceIsNone) {
  Play(0.05, 4, 20);
  EXPECT_EQ(Leaks(20), 0u);
}

TEST_F(LeakTest, ABoundedCacheIsNone) {
  Play(0.05, 20, 20, 2);
  EXPECT_EQ(Leaks(20), 0u);
}

TEST_F(LeakTest, WhatChanceCouldMakeOfItIsNone) {
  Play(0.2, 20, 20);
  line_.live_variance = 1e4 * kMebibyte * kMebibyte;
  EXPECT_EQ(Leaks(20), 0u);
}

TEST_F(LeakTest, LongRunsKeepTheirShape) {
  Play(20, 20'000, 20'000);
  EXPECT_EQ(Leaks(20'000), 1u);
}

}  // namespace
}  // namespace scalene::profile
