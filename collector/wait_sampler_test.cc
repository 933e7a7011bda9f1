#include "collector/wait_sampler.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/ring_for_testing.h"
#include "collector/symbolizer.h"

namespace scalene::collector {
namespace {

// A program that sleeps throughout, looked at by a clock that the test sets.
class WaitSamplerTest : public testing::Test {
 protected:
  static constexpr double kGapSec = 0.01;

  WaitSamplerTest() : memory_(folder_, 1 << 20), sampler_(folder_, counts_, false, [this] { return now_sec_; }) {
    program_ = fork();
    if (program_ == 0) {  // a sanitizer would start a thread of its own in ours
      execlp("sleep", "sleep", "infinity", nullptr);
      _exit(127);
    }
    while (ThreadProbe(program_, program_).ReadState() != 'S') usleep(1000);
    UniqueFd memfd = MakeRing({});
    writer_ = std::make_unique<WritersEnd>(memfd);
    auto ring = SharedRing::Adopt(std::move(memfd));
    EXPECT_TRUE(ring.ok()) << ring.message();
    processes_.push_back(std::make_unique<TargetProcess>(program_, std::move(ring).value(), ProcessRole::kRoot,
                                                         symbolizer_, memory_, [](pid_t) { return nullptr; }));
    wire::ProcessStartRecord start{};
    start.pid = program_;
    start.minor = 12;
    start.time_ns = static_cast<uint64_t>(now_sec_ * 1e9);
    writer_->control().switches = 1;
    writer_->Write(wire::RecordType::kProcessStart, &start.pid, sizeof start - sizeof start.header);
    processes_.front()->Drain(folder_, 1);
    EXPECT_TRUE(processes_.front()->recording());
  }
  ~WaitSamplerTest() override {
    kill(program_, SIGKILL);
    waitpid(program_, nullptr, 0);
  }

  // So many looks, one every 10 ms.
  void Look(int times) {
    for (int i = 0; i < times; ++i) {
      now_sec_ += kGapSec;
      sampler_.Look(processes_);
      sampler_.NextGapNs();
    }
  }
  void ExpectIdle(double sec) {
    EXPECT_NEAR(counts_.outside().idle_sec, sec, 0.03);
    double waited = 0;
    for (const double by_reason : counts_.waits().by_reason) waited += by_reason;
    EXPECT_NEAR(waited, sec, 0.03);
  }
  int64_t Loss(const char* counter) {
    profile::Losses losses;
    sampler_.AddLosses(losses);
    return losses["waits"][counter];
  }

  double now_sec_ = 1000;
  pid_t program_ = 0;
  Symbolizer symbolizer_;
  SampleFolder folder_{profile::FilterOptions{}, false};
  MemoryFolder memory_;
  profile::FoldedCounts counts_;
  std::unique_ptr<WritersEnd> writer_;
  std::vector<std::unique_ptr<TargetProcess>> processes_;
  WaitSampler sampler_;
};

TEST_F(WaitSamplerTest, CountsWhatTheClockSays) {
  Look(100);
  ExpectIdle(1);
  EXPECT_EQ(Loss("unseen_ms"), 0);
}

TEST_F(WaitSamplerTest, LooksThatComeLateCountInFull) {
  Look(50);
  now_sec_ += 2;
  Look(50);
  ExpectIdle(3);
  EXPECT_EQ(Loss("unseen_ms"), 0);
}

TEST_F(WaitSamplerTest, AnHourWithoutALookIsNobodysWait) {
  Look(100);
  now_sec_ += 3600;
  Look(100);
  ExpectIdle(2 - kGapSec);
  EXPECT_NEAR(sampler_.unseen_sec(), 3600, 0.1);
  EXPECT_NEAR(static_cast<double>(Loss("unseen_ms")), 3.6e6, 100);
}

TEST_F(WaitSamplerTest, AClockThatStepsBackTakesNothingAway) {
  Look(100);
  now_sec_ -= 500;
  Look(100);
  ExpectIdle(2 - kGapSec);
  EXPECT_EQ(Loss("clock_steps_back"), 1);
  EXPECT_EQ(sampler_.unseen_sec(), 0);
}

TEST_F(WaitSamplerTest, AnHourBeforeTheEndIsNobodysWait) {
  Look(100);
  wire::RecordingEndRecord end{};
  end.time_ns = static_cast<uint64_t>((now_sec_ + 3600) * 1e9);
  writer_->Write(wire::RecordType::kRecordingEnd, reinterpret_cast<const char*>(&end) + sizeof end.header,
                 sizeof end - sizeof end.header);
  processes_.front()->Drain(folder_, 1);
  sampler_.Close(*processes_.front());
  ExpectIdle(1);
  EXPECT_NEAR(sampler_.unseen_sec(), 3600, 0.1);
}

}  // namespace
}  // namespace scalene::collector
