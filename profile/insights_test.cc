#include "profile/insights.h"

#include <gmock/gmock.h>

namespace scalene::profile {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// A program of one file with ten lines that ran for ten seconds on a machine of four CPUs.
class InsightsTest : public testing::Test {
 protected:
  InsightsTest() {
    document_.has_ext = true;
    document_.elapsed_time_sec = document_.totals.total_sec = 10;
    document_.totals.cpu_samples = 1000;
    document_.host_cpus_usable = 4;
    File& file = document_.files["/demo/app.py"];
    for (int i = 1; i <= 10; i++) {
      Line line;
      line.lineno = i;
      line.text = i == 3 ? "for x in y:\n" : "work()\n";
      line.regions = {i, i, i >= 3 && i <= 5 ? 3 : i, i >= 3 && i <= 5 ? 5 : i, 1, 9};
      file.lines.push_back(line);
    }
  }
  Line& At(int line) { return document_.files["/demo/app.py"].lines[static_cast<size_t>(line) - 1]; }

  void Spend(int line, double python_sec, double native_sec, double idle_sec = 0) {
    Line& row = At(line);
    row.python_sec = python_sec;
    row.native_sec = native_sec;
    row.idle_sec = idle_sec;
    row.cpu_percent_python = 10 * python_sec;
    row.cpu_percent_c = 10 * native_sec;
    row.sys_percent = 10 * idle_sec;
    document_.totals.python_sec += python_sec;
    document_.totals.native_sec += native_sec;
    document_.totals.idle_sec += idle_sec;
  }

  std::vector<std::string_view> Rules() {
    std::vector<std::string_view> rules;
    for (const Insight& insight : FindInsights(document_).all) rules.push_back(insight.rule);
    return rules;
  }
  std::string Headline() { return PlainText(FindInsights(document_).headline); }
  Insight Of(std::string_view rule) {
    for (const Insight& insight : FindInsights(document_).all) {
      if (insight.rule == rule) return insight;
    }
    ADD_FAILURE() << "no insight of the rule " << rule;
    return {};
  }

  Document document_;
};

TEST_F(InsightsTest, PythonOnOneCoreOfMany) {
  Spend(8, 7, 0);
  Spend(2, 0, 3);
  EXPECT_EQ(Headline(), "70 % of the time is Python on one core, and all of it is one line: app.py:8");
  const Insight insight = Of("python-bound");
  EXPECT_EQ(insight.title, "Python-bound, on one core.");
  EXPECT_EQ(PlainText(insight.text), "70 % of the time runs bytecode, and 3 of 4 cores were idle.");
  EXPECT_EQ(insight.evidence[0].line, 8);
}

TEST_F(InsightsTest, PythonIsComparedWithPython) {
  Spend(8, 0.5, 4);  // the hottest line, and hardly any of it Python
  Spend(2, 1.9, 0);
  Spend(4, 1.8, 0);
  Spend(5, 1.8, 0);
  EXPECT_EQ(Headline(), "60 % of the time is Python on one core; the hottest line has 45 %: app.py:8");
}

TEST_F(InsightsTest, TheLineWithMostOfTheKindIsNamed) {
  Spend(8, 0.5, 4);
  Spend(2, 3.5, 0);
  Spend(4, 2, 0);
  EXPECT_EQ(Headline(), "60 % of the time is Python on one core, and over half of it is one line: app.py:2");
}

TEST_F(InsightsTest, SeveralBusyCoresAreNotCalledIdle) {
  document_.elapsed_time_sec = 5;
  Spend(8, 10, 0);
  EXPECT_EQ(Of("python-bound").title, "Python-bound.");
}

TEST_F(InsightsTest, NativeTimeNamesItsCaller) {
  Spend(2, 1, 8);
  EXPECT_THAT(PlainText(Of("native-bound").text), HasSubstr("called from app.py:2."));
  EXPECT_THAT(Rules(), Not(Contains("python-bound")));
}

TEST_F(InsightsTest, WaitingNamesItsReasonAndPlace) {
  Spend(6, 0, 0, 6);
  At(6).waits = {{"read", 1.5}, {"page_fault", 4.5}};
  Spend(2, 4, 0);
  const Insight insight = Of("waiting");
  EXPECT_EQ(insight.title, "Waiting: page fault.");
  EXPECT_EQ(PlainText(insight.text),
            "Nothing ran for 6.00 s; most of it at app.py:6 (page fault 4.50 s, read 1.50 s).");
  EXPECT_EQ(Headline(), "60 % of the time is waiting, and all of it is one line: app.py:6");
}

TEST_F(InsightsTest, HeldLocksNameWhoWaitsAndWhoHolds) {
  Spend(2, 10, 0);
  At(6).waits = {{"lock", 5}};
  At(6).lock_holders = {{"/demo/app.py", 2, 3}};
  At(7).waits = {{"lock", 9}};  // an event, say: nobody holds it
  const Insight insight = Of("locks");
  EXPECT_EQ(PlainText(insight.text),
            "They stood for 3.00 s in all, most at app.py:6. They were held most often by app.py:2 (100 %).");
  At(6).lock_holders.clear();
  EXPECT_THAT(Rules(), Not(Contains("locks")));
}

TEST_F(InsightsTest, ALoopIsNamedWithItsLines) {
  Spend(4, 3, 0);
  Spend(5, 3, 0);
  Spend(9, 4, 0);
  const Insight insight = Of("one-loop");
  EXPECT_EQ(PlainText(insight.text), "app.py:3–5 takes 6.00 s.");
  EXPECT_EQ(insight.evidence[0].end, 5);
}

TEST_F(InsightsTest, ALeakComesFirst) {
  Spend(4, 10, 0);
  document_.files["/demo/app.py"].leaks[7] = {0.97, 3.25};
  At(7).live_end_mb = 300;
  EXPECT_EQ(Rules().front(), "leak");
  EXPECT_EQ(PlainText(Of("leak").text), "app.py:7 keeps what it allocates: 3.2 MB/s, likelihood 97 %, 300 MB at exit.");
}

TEST_F(InsightsTest, MemoryThatGrowsToTheEnd) {
  document_.max_footprint_mb = 500;
  document_.samples = {{0, 20}, {5, 250}, {10, 495}};
  At(7).live_end_mb = 400;
  EXPECT_THAT(PlainText(Of("memory-growth").text), HasSubstr("allocated at app.py:7"));
  document_.samples.back().mb = 30;
  EXPECT_THAT(Rules(), Not(Contains("memory-growth")));
}

TEST_F(InsightsTest, FewSamplesAreSaid) {
  Spend(4, 10, 0);
  document_.totals.cpu_samples = 12;
  EXPECT_THAT(PlainText(Of("few-samples").text), HasSubstr("12 samples"));
}

TEST_F(InsightsTest, TwoFilesOfOneNameAreToldApart) {
  Spend(8, 10, 0);
  document_.files["/other/app.py"];
  EXPECT_THAT(Headline(), HasSubstr("demo/app.py:8"));
}

TEST_F(InsightsTest, AnEmptyProfileHasNothingToSay) {
  EXPECT_EQ(PlainText(FindInsights({}).headline), "");
  EXPECT_TRUE(FindInsights({}).all.empty());
}

TEST_F(InsightsTest, AHotLineHasItsReason) {
  Spend(4, 6, 0);
  Spend(6, 0, 0, 4);
  At(6).waits = {{"sleep", 4}};
  const Insights insights = FindInsights(document_);
  ASSERT_EQ(insights.reasons.size(), 2u);
  EXPECT_THAT(PlainText(insights.reasons[0].text), HasSubstr("100 % of it is interpreted Python, in the innermost"));
  EXPECT_THAT(PlainText(insights.reasons[1].text), HasSubstr("It waits: sleep for 4.00 s"));
}

}  // namespace
}  // namespace scalene::profile
