#include "agent/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scalene::agent {
namespace {

TEST(ExponentialDrawTest, HasTheMeanAndTheTailOfItsDistribution) {
  uint64_t state = SeedFrom(1);
  constexpr int kDraws = 1'000'000;
  double sum = 0;
  int above_mean = 0, above_three = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto value = static_cast<double>(ExponentialDraw(&state, 1'000'000));
    sum += value;
    above_mean += value > 1e6;
    above_three += value > 3e6;
  }
  EXPECT_NEAR(sum / kDraws, 1e6, 5e3);  // 5 standard errors
  EXPECT_NEAR(above_mean / double(kDraws), std::exp(-1), 0.0025);
  EXPECT_NEAR(above_three / double(kDraws), std::exp(-3), 0.0012);
}

TEST(SeedTest, NeverGivesTheStateThatStaysZero) {
  for (uint64_t value = 0; value < 1000; ++value) EXPECT_NE(SeedFrom(value), 0u);
}

TEST(TickLotteryTest, TakesEachTickWithTheSameProbability) {
  const TickLottery lottery(10'000'000, 4'000'000);
  uint64_t state = SeedFrom(2);
  constexpr int kDraws = 1'000'000;
  int first = 0, second = 0;
  double ticks = 0;
  for (int i = 0; i < kDraws; ++i) {
    const uint64_t skipped = lottery.Draw(&state) / 4'000'000;
    first += skipped == 0;
    second += skipped == 1;
    ticks += static_cast<double>(skipped + 1);
  }
  EXPECT_NEAR(first / double(kDraws), 0.4, 0.0025);
  EXPECT_NEAR(second / double(kDraws), 0.6 * 0.4, 0.0025);
  EXPECT_NEAR(ticks / kDraws, 2.5, 0.01);  // 10 ms on average
}

TEST(TickLotteryTest, TakesEveryTickBelowTheTick) {
  const TickLottery lottery(1'000'000, 4'000'000);
  uint64_t state = SeedFrom(3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(lottery.Draw(&state), 1u);
}

}  // namespace
}  // namespace scalene::agent
