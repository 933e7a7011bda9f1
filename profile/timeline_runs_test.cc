#include "profile/timeline_runs.h"

#include <gmock/gmock.h>

#include <numeric>

namespace scalene::profile {
namespace {

using testing::FloatNear;

class TimelineRunsTest : public testing::Test {
 protected:
  TimelineRunsTest() {
    document_.elapsed_time_sec = 4;
    document_.totals.total_sec = 4;
    document_.combined_stacks = {{{{.name = "work"}}, 200, {.python_sec = 2}},
                                 {{{.name = "[wait] sleep"}}, 200, {.idle_sec = 2}}};
  }
  std::vector<TimelineRun> Runs(size_t most = 1000) { return RunsOf(document_, ThreadsOf(document_), most); }

  Document document_;
};

TEST_F(TimelineRunsTest, ARunLastsAsLongAsItsHits) {
  document_.timeline = {{200, 0, 0, 7}, {200, 1, 2, 7}};
  const auto runs = Runs();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].length_us, 2'000'000);
  EXPECT_EQ(runs[1].start_us, 2'000'000);
}

TEST_F(TimelineRunsTest, ARunEndsWhereTheNextOneOfItsThreadBegins) {
  document_.timeline = {{200, 0, 0, 7}, {1, 0, 0.5, 8}, {200, 1, 1, 7}};
  EXPECT_EQ(Runs()[0].length_us, 1'000'000);
}

// Three threads share the GIL: each is there all the time, and has the CPU for a part of it.
TEST_F(TimelineRunsTest, ARunReachesToItsLastHit) {
  document_.timeline = {{50, 0, 0, 7}, {100, 0, 3, 7}};
  document_.timeline[0].last_sec = 1.99;
  const auto runs = Runs();
  EXPECT_EQ(runs[0].length_us, 2'000'000);
  EXPECT_EQ(runs[0].hit_us, 500'000);
  EXPECT_THAT(OverviewOf(document_, runs).python[100], FloatNear(0.25, 1e-4f));
  EXPECT_EQ(runs[1].length_us, 1'000'000);  // nothing says when: as long as its hits
}

TEST_F(TimelineRunsTest, EventsOfNoStackAreLeftOut) {
  document_.timeline = {{1, 99, 0, 7}, {1, -1, 0, 7}};
  EXPECT_TRUE(Runs().empty());
}

TEST_F(TimelineRunsTest, FewerRunsKeepTheirTime) {
  for (int i = 0; i < 100; i++) document_.timeline.push_back({2, i % 2, i * 0.04, 7});
  const auto total = [](const std::vector<TimelineRun>& runs) {
    return std::accumulate(runs.begin(), runs.end(), int64_t{0},
                           [](int64_t sum, const auto& run) { return sum + run.hit_us; });
  };
  const auto fewer = Runs(30);
  EXPECT_LE(fewer.size(), 30u);
  EXPECT_EQ(total(fewer), total(Runs()));
}

TEST_F(TimelineRunsTest, UnknownThreadsGetARow) {
  document_.threads = {{.tid = 5, .thread_id = 7, .name = "MainThread"}};
  document_.timeline = {{1, 0, 0, 7}, {1, 0, 1, 9}};
  ASSERT_EQ(ThreadsOf(document_).size(), 2u);
  EXPECT_EQ(Runs()[1].thread, 1u);
}

TEST_F(TimelineRunsTest, TheOverviewSaysHowManyCpusAreBusyWhen) {
  document_.timeline = {{200, 0, 0, 7}, {200, 0, 0, 8}, {200, 1, 2, 7}};
  const Overview overview = OverviewOf(document_, Runs());
  EXPECT_THAT(overview.python[10], FloatNear(2, 1e-4f));
  EXPECT_THAT(overview.python[300], FloatNear(0, 1e-4f));
  EXPECT_THAT(overview.idle[300], FloatNear(1, 1e-4f));
}

}  // namespace
}  // namespace scalene::profile
