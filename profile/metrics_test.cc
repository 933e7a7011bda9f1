#include "profile/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace scalene::profile {
namespace {

TEST(MetricsTest, EveryMetricHasOneValueOneNameAndOneKey) {
  std::set<std::string_view> ids, keys;
  for (const Metric& metric : Metrics()) {
    EXPECT_NE(metric.real == nullptr, metric.count == nullptr) << metric.id;
    EXPECT_TRUE(ids.insert(metric.id).second) << metric.id;
    EXPECT_TRUE(keys.insert(metric.key).second) << metric.key;
    EXPECT_FALSE(metric.help.empty()) << metric.id;
  }
}

TEST(MetricsTest, ReadsTheMemberItNames) {
  Row row;
  row.cpu_percent_python = 12.5;
  row.mallocs = 7;
  EXPECT_EQ(ValueOf(*FindMetric("time.python"), row), 12.5);
  EXPECT_EQ(ValueOf(*FindMetric("memory.executions"), row), 7);
}

TEST(MetricsTest, NoTwoMetricsShareAMember) {
  for (const Metric& metric : Metrics()) {
    Row row;
    if (metric.real) row.*metric.real = 3;
    if (metric.count) row.*metric.count = 3;
    for (const Metric& other : Metrics()) EXPECT_EQ(ValueOf(other, row), &other == &metric ? 3 : 0) << other.id;
  }
}

TEST(MetricsTest, PercentagesAndFractionsAreBounded) {
  for (const Metric& metric : Metrics()) {
    EXPECT_EQ(metric.unit == Unit::kPercent, metric.maximum == 100) << metric.id;
    EXPECT_EQ(metric.unit == Unit::kFraction, metric.maximum == 1) << metric.id;
  }
}

TEST(MetricsTest, AnUnknownNameIsNoMetric) { EXPECT_EQ(FindMetric("time.rust"), nullptr); }

}  // namespace
}  // namespace scalene::profile
