#include "profile/document_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "profile/marked_functions.h"
#include "profile/row_builder.h"

namespace scalene::profile {
namespace {

using testing::ElementsAre;

constexpr char kSource[] =
    "import time\n"       // 1
    "\n"                  // 2
    "def inner(n):\n"     // 3
    "    return n + 1\n"  // 4
    "\n"                  // 5
    "def outer():\n"      // 6
    "    x = inner(1)\n"  // 7
    "    return x\n"      // 8
    "\n"                  // 9
    "outer()\n";          // 10

class DocumentBuilderTest : public testing::Test {
 protected:
  DocumentBuilderTest() {
    path_ = testing::TempDir() + "document_builder_test.py";
    std::ofstream(path_) << kSource;
    run_.strings = &strings_;
    run_.frames = &frames_;
    run_.stacks = &stacks_;
    run_.timeline = &timeline_;
    run_.marked = &marked_;
    run_.environment.minor = 12;
    run_.interval_sec = 0.01;
  }
  ~DocumentBuilderTest() override { std::filesystem::remove(path_); }

  struct Place {
    std::string function;
    int first_line, line;
  };
  FrameData Frame(const Place& place, const std::string& file) {
    return {strings_.Intern(file), strings_.Intern(place.function), place.first_line, place.line};
  }
  // A sample with this stack, outermost first.
  void Add(const std::vector<Place>& places, double sec, CpuKind kind = CpuKind::kPython, std::string file = {}) {
    if (file.empty()) file = path_;
    StackId stack;
    for (const Place& place : places) stack = stacks_.Push(stack, frames_.Intern(Frame(place, file)));
    const FrameData leaf = Frame(places.back(), file);
    const FoldedSample sample{sec, kind, time_ += sec, 0.5};
    run_.counts.AddToLine({leaf.file, leaf.line}, leaf, sample);
    run_.counts.AddToStack(stack, sample);
    timeline_.Add(1, stack, sample.time_sec);
  }
  Document Build() { return BuildDocument(run_, options_, sources_); }
  const Function* Find(const Document& document, const std::string& name) {
    for (const Function& function : document.files.at(path_).functions) {
      if (function.text == name) return &function;
    }
    return nullptr;
  }

  const Place module_{"<module>", 1, 10}, outer_{"outer", 6, 7}, inner_{"inner", 3, 4};
  std::string path_;
  StringTable strings_;
  FrameTable frames_;
  StackTable stacks_;
  Timeline timeline_;
  MarkedFunctions marked_;
  RecordedRun run_;
  DocumentOptions options_;
  SourceCache sources_;
  double time_ = 1000;
};

TEST_F(DocumentBuilderTest, SharesTimeAmongLinesAndListsAllOfThem) {
  Add({module_, outer_, inner_}, 0.75);
  Add({module_, outer_}, 0.25, CpuKind::kNative);
  const Document document = Build();
  const File& file = document.files.at(path_);
  ASSERT_EQ(file.lines.size(), 10u);
  EXPECT_DOUBLE_EQ(file.lines[3].cpu_percent_python, 75);
  EXPECT_DOUBLE_EQ(file.lines[6].cpu_percent_c, 25);
  EXPECT_EQ(file.lines[3].text, "    return n + 1\n");
  EXPECT_DOUBLE_EQ(file.percent_cpu_time, 100);
  EXPECT_DOUBLE_EQ(document.totals.total_sec, 1);
}

TEST_F(DocumentBuilderTest, MakesAFunctionTheSumOfItsLines) {
  Add({module_, {"outer", 6, 7}}, 0.5);
  Add({module_, {"outer", 6, 8}}, 0.25);
  Add({module_, outer_, inner_}, 0.25);
  const Document document = Build();
  const Function* outer = Find(document, "outer");
  ASSERT_NE(outer, nullptr);
  EXPECT_DOUBLE_EQ(outer->python_sec, 0.75);
  EXPECT_DOUBLE_EQ(outer->total_sec, 1.0);
  EXPECT_EQ(outer->samples, 2);
}

TEST_F(DocumentBuilderTest, CountsARecursiveFunctionOnceInItsTotal) {
  Add({module_, inner_, inner_, inner_}, 0.5);
  EXPECT_DOUBLE_EQ(Find(Build(), "inner")->total_sec, 0.5);
}

TEST_F(DocumentBuilderTest, NamesTheHeaviestCallersFirst) {
  Add({module_, outer_, inner_}, 0.1);
  Add({module_, inner_}, 0.3);
  const Document document = Build();
  const auto& callers = Find(document, "inner")->calls_from;
  ASSERT_EQ(callers.size(), 2u);
  EXPECT_EQ(callers[0].name, "<module>");
  EXPECT_EQ(callers[1].line, 7);
}

TEST_F(DocumentBuilderTest, RoundsHitsSoThatTheirSumIsKept) {
  Add({module_}, 0.014);
  Add({module_, outer_}, 0.014);
  Add({module_, outer_, inner_}, 0.014);
  int64_t hits = 0;
  for (const Stack& stack : Build().combined_stacks) hits += stack.hits;
  EXPECT_EQ(hits, 4);  // 0.042 s in units of 0.01
}

TEST_F(DocumentBuilderTest, FoldsAStackWithoutHitsIntoTheOneItStandsOn) {
  Add({module_, outer_}, 0.1);
  Add({module_, outer_, inner_}, 0.0004);
  const Document document = Build();
  ASSERT_EQ(document.combined_stacks.size(), 1u);
  EXPECT_NEAR(document.combined_stacks[0].weight.python_sec, 0.1004, 1e-9);
  for (const TimelineEvent& event : document.timeline) EXPECT_EQ(event.stack_index, 0);
}

TEST_F(DocumentBuilderTest, HidesFilesBelowTheThresholdAndCountsThem) {
  options_.cpu_percent_threshold = 1;
  Add({module_}, 0.999);
  Add({{"f", 1, 1}}, 0.001, CpuKind::kPython, "/elsewhere/small.py");
  const Document document = Build();
  EXPECT_EQ(document.files.size(), 1u);
  EXPECT_EQ(document.hidden.count, 1);
  EXPECT_EQ(document.hidden.files[0].path, "/elsewhere/small.py");
}

TEST_F(DocumentBuilderTest, MovesUnmarkedLinesOutsideOnceAFunctionIsMarked) {
  marked_.Add(path_, 3);
  Add({module_, outer_, inner_}, 0.25);
  Add({module_, outer_}, 0.75);
  const Document document = Build();
  EXPECT_DOUBLE_EQ(document.files.at(path_).lines[3].cpu_percent_python, 100);
  EXPECT_DOUBLE_EQ(document.files.at(path_).lines[6].python_sec, 0);
  EXPECT_DOUBLE_EQ(document.outside.sec, 0.75);
  EXPECT_EQ(document.combined_stacks.size(), 1u);
}

TEST_F(DocumentBuilderTest, ListsEmptyLinesOfAMissingSourceUpToTheLastSeen) {
  Add({{"f", 2, 3}}, 1, CpuKind::kPython, "/nowhere/gone.py");
  const Document document = Build();
  const File& file = document.files.at("/nowhere/gone.py");
  EXPECT_EQ(file.lines.size(), 3u);
  EXPECT_EQ(file.source, "none");
  EXPECT_EQ(file.functions[0].text, "f");
}

TEST_F(DocumentBuilderTest, SurvivesALineNumberOfTwoBillion) {
  Add({{"f", 2'000'000'000, 2'000'000'000}}, 1);
  const Document document = Build();
  EXPECT_LT(document.files.at(path_).lines.size(), 50'000u);
  EXPECT_DOUBLE_EQ(document.files.at(path_).percent_cpu_time, 100);
}

TEST_F(DocumentBuilderTest, IsAFullDocumentWithoutSamples) {
  const Document document = Build();
  EXPECT_TRUE(document.files.empty());
  EXPECT_TRUE(document.has_ext);
  EXPECT_EQ(document.totals.total_sec, 0);
}

TEST(WilsonIntervalTest, AgreesWithKnownValues) {
  const auto [low, high] = WilsonInterval(0.5, 100);  // 40.4 to 59.6 by the textbook
  EXPECT_NEAR(low, 40.38, 0.01);
  EXPECT_NEAR(high, 59.62, 0.01);
  EXPECT_NEAR(WilsonInterval(0, 10).second, 27.75, 0.01);
  EXPECT_EQ(WilsonInterval(0.3, 0), (std::pair<double, double>{0, 100}));
}

}  // namespace
}  // namespace scalene::profile
