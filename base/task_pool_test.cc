#include "base/task_pool.h"

#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>

namespace scalene {
namespace {

class TaskPoolTest : public testing::TestWithParam<size_t> {};

TEST_P(TaskPoolTest, DoesEverythingOnce) {
  std::vector<int> done(1000);
  TaskPool pool(GetParam());
  for (int& each : done) pool.Add([&each] { each++; });
  pool.Finish();
  EXPECT_THAT(done, testing::Each(1));
}

TEST_P(TaskPoolTest, TheFirstFailureInOrderIsThrownAndTheRestStillRuns) {
  std::atomic<int> ran = 0;
  TaskPool pool(GetParam());
  for (int i = 0; i < 100; i++) {
    pool.Add([&ran, i] {
      ran++;
      if (i == 20 || i == 70) throw std::runtime_error(std::to_string(i));
    });
  }
  try {
    pool.Finish();
    ADD_FAILURE() << "no failure";
  } catch (const std::runtime_error& failure) {
    EXPECT_STREQ(failure.what(), "20");
  }
  EXPECT_EQ(ran, 100);
}

TEST_P(TaskPoolTest, MayBeLeftUnfinished) {
  TaskPool pool(GetParam());
  for (int i = 0; i < 100; i++) pool.Add([] {});
}

INSTANTIATE_TEST_SUITE_P(Helpers, TaskPoolTest, testing::Values(0, 1, 7));

}  // namespace
}  // namespace scalene
