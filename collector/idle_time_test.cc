#include "collector/idle_time.h"

#include <gtest/gtest.h>

#include <random>

namespace scalene::collector {
namespace {

TEST(IdleTimeTest, IsWhatOneThreadLeavesOver) {
  IdleTime idle;
  EXPECT_DOUBLE_EQ(idle.Add({.sec = 0.01, .busy_sec = 0.004, .longest_sec = 0.004, .busy_now = 1}), 0.006);
  EXPECT_DOUBLE_EQ(idle.Add({.sec = 0.01, .busy_sec = 0, .longest_sec = 0, .busy_now = 0}), 0.01);
}

TEST(IdleTimeTest, CountsThreadsThatRunAtOnceOnce) {
  IdleTime idle;
  EXPECT_DOUBLE_EQ(idle.Add({.sec = 0.01, .busy_sec = 0.02, .longest_sec = 0.01, .busy_now = 2}), 0);
}

TEST(IdleTimeTest, ClockThatMovesInStepsEvensOut) {
  IdleTime idle;
  double sum = 0;
  for (int i = 0; i < 100; ++i) {  // half busy, but the clock shows 20 ms at once in every fourth interval
    const double busy = i % 4 == 3 ? 0.02 : 0;
    sum += idle.Add({.sec = 0.01, .busy_sec = busy, .longest_sec = busy, .busy_now = 0});
  }
  EXPECT_NEAR(sum, 0.5, 0.011);
}

// Two threads, each busy 30 % of the time, independently: nothing runs for 49 %.
TEST(IdleTimeTest, OverlapIsFoundByLooking) {
  IdleTime idle;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> part(0, 1);
  constexpr int kLooks = 200'000;
  double sum = 0;
  for (int i = 0; i < kLooks; ++i) {
    const int busy_now = (part(random) < 0.3) + (part(random) < 0.3);
    sum += idle.Add({.sec = 0.01, .busy_sec = 0.006, .longest_sec = 0.003, .busy_now = busy_now});
  }
  EXPECT_NEAR(sum / (0.01 * kLooks), 0.49, 0.01);
}

TEST(IdleTimeTest, NeverLeavesItsBounds) {
  IdleTime idle;
  for (int i = 0; i < 100; ++i) {
    const double sec = idle.Add({.sec = 0.01, .busy_sec = 0.05, .longest_sec = 0.01, .busy_now = i % 7});
    EXPECT_GE(sec, 0);
    EXPECT_LE(sec, 0.01);
  }
}

}  // namespace
}  // namespace scalene::collector
