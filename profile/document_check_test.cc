#include "profile/document_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scalene::profile {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A sound profile of one file with two lines, to be spoilt by a test.
Document Sound() {
  Document document;
  File& file = document.files["/a.py"];
  for (int lineno : {1, 2}) {
    Line& line = file.lines.emplace_back();
    line.lineno = lineno;
    line.regions = {lineno, lineno, lineno, lineno, 0, 0};
    line.cpu_percent_python = 50;
  }
  file.percent_cpu_time = 100;
  return document;
}

class SpoiltTest : public testing::Test {
 protected:
  Document document_ = Sound();
  File& file_ = document_.files.begin()->second;
  Line& line_ = file_.lines[0];

  void ExpectFinding(const std::string& part) { EXPECT_THAT(CheckDocument(document_), Contains(HasSubstr(part))); }
};

TEST_F(SpoiltTest, ASoundDocumentHasNoFindings) {
  EXPECT_THAT(CheckDocument(document_), IsEmpty());
  EXPECT_THAT(CheckDocument(Document()), IsEmpty());
}

TEST_F(SpoiltTest, FindsValuesOutOfRange) {
  line_.cpu_percent_c = -1;
  ExpectFinding("/a.py:1: n_cpu_percent_c is out of range");
  document_.elapsed_time_sec = std::numeric_limits<double>::infinity();
  ExpectFinding("elapsed_time_sec is out of range");
}

TEST_F(SpoiltTest, FindsRowsAboveAHundredPercent) {
  line_.cpu_percent_c = 51;
  ExpectFinding("/a.py:1: python + native + system is above 100");
  ExpectFinding("files: python + native + system over all lines");
}

TEST_F(SpoiltTest, AllowsTheRoundingOfManyShares) {
  line_.cpu_percent_python = 50 + 1e-12;
  EXPECT_THAT(CheckDocument(document_), IsEmpty());
}

TEST_F(SpoiltTest, FindsAveragesAbovePeaks) {
  line_.avg_mb = 2;
  ExpectFinding("average memory is above its peak");
  line_.gpu_avg_memory_mb = 2;
  ExpectFinding("average GPU memory is above its peak");
}

TEST_F(SpoiltTest, FindsPeaksAboveTheFootprint) {
  line_.peak_mb = 1;
  ExpectFinding("peak is above the maximum footprint");
}

TEST_F(SpoiltTest, FindsMissingLines) {
  file_.lines.erase(file_.lines.begin());
  ExpectFinding("is not the line of that number");
}

TEST_F(SpoiltTest, FindsSharesThatDoNotAddUp) {
  file_.percent_cpu_time = 99;
  ExpectFinding("percent_cpu_time is not the sum over its lines");
}

TEST_F(SpoiltTest, FindsEventsOfNoStack) {
  document_.timeline = {{.count = 1, .stack_index = 0}};
  ExpectFinding("stack_index points behind the stacks");
}

TEST_F(SpoiltTest, FindsWhatIsOutOfOrder) {
  document_.samples = {{2, 1}, {1, 1}};
  ExpectFinding("memory points are not in order of time");
  line_.cpu_samples_list = {2, 1};
  ExpectFinding("sample times are not sorted");
  document_.combined_stacks = {{.hits = 1}, {.hits = 2}};
  ExpectFinding("not in descending order of hits");
}

TEST_F(SpoiltTest, FindsFramesOfNoKind) {
  document_.combined_stacks = {{.frames = {{.kind = FrameKind::kPython, .name = "f"}}, .hits = 1}};
  ExpectFinding("a Python frame without a line");
}

TEST_F(SpoiltTest, FindsUnknownDevicesAndNamesThatAreNoText) {
  document_.gpu_device = "TPU";
  ExpectFinding("gpu_device is none of");
  document_.files["\xff"];
  ExpectFinding("the name is not UTF-8");
}

TEST_F(SpoiltTest, StopsAfterAHundredSentences) {
  for (int i = 0; i < 1000; i++) document_.stacks.push_back({.count = -1});
  EXPECT_THAT(CheckDocument(document_), SizeIs(100));
}

TEST_F(SpoiltTest, ClampingRepairsRoundingInSilence) {
  line_.cpu_percent_python = 100 + 1e-10;
  line_.usage_fraction = 1 + 1e-12;
  ClampToBounds(document_);
  EXPECT_EQ(line_.cpu_percent_python, 100);
  EXPECT_EQ(line_.usage_fraction, 1);
  EXPECT_THAT(document_.losses, IsEmpty());
}

TEST_F(SpoiltTest, ClampingCountsWhatWasReallyWrong) {
  document_.max_footprint_mb = 10;
  line_.peak_mb = 12;
  line_.avg_mb = 11;
  line_.copy_mb_s = std::numeric_limits<double>::quiet_NaN();
  ClampToBounds(document_);
  EXPECT_EQ(line_.peak_mb, 10);
  EXPECT_EQ(line_.avg_mb, 10);
  EXPECT_EQ(line_.copy_mb_s, 0);
  EXPECT_EQ(document_.losses["render"]["clamped"], 3);
}

}  // namespace
}  // namespace scalene::profile
