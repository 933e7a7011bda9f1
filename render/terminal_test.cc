#include "render/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "render/sample_document.h"
#include "render/text_width.h"

namespace scalene::render {
namespace {

using profile::Document;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TerminalOptions Reduced(size_t width) {
  TerminalOptions options;
  options.width = width;
  options.reduced = true;
  return options;
}

std::string View(const TerminalOptions& options, const Document& document = RichDocument()) {
  const auto text = RenderTerminal(document, options);
  EXPECT_TRUE(text.ok()) << text.message();
  return text.ok() ? text.value() : "";
}

std::string ErrorOf(const TerminalOptions& options) { return RenderTerminal(RichDocument(), options).message(); }

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The first line that contains `part`.
std::string LineWith(const std::string& text, const std::string& part) {
  for (const std::string& line : LinesOf(text)) {
    if (line.find(part) != line.npos) return line;
  }
  return "";
}

// A reference's profile without memory: one file, one line.
Document CpuOnly() {
  Document document;
  document.elapsed_time_sec = 100;
  profile::File& file = document.files["/a.py"];
  profile::Line& line = file.lines.emplace_back();
  line.lineno = 1;
  line.text = "work()\n";
  line.cpu_percent_python = 93.1;
  file.percent_cpu_time = 93.1;
  return document;
}

TEST(TerminalTest, LooksLikeTheMockUp) {
  const std::string text = View(Reduced(80));
  EXPECT_THAT(text, StartsWith("Memory usage: (max: 3.420 GB, growth rate: 12%) (96.500 MB from native threads)\n"
                               "\n"
                               "GIL: held 88.6% of the time, 11.4% by native code; threads waited for it 14.3%\n"
                               "of the time.\n"
                               "\n"
                               "49 % of the time is Python on one core, and over a third of it is one line:\n"
                               "difflib.py:385.\n"
                               "Memory leaks. train.py:38 keeps what it allocates: 3.2 MB/s, likelihood 97 %.\n"
                               "One line holds the memory. train.py:38 allocated 1.15 GB of the peak of 3.42 GB.\n"
                               "Much is copied. 34.8 GB in all, most by train.py:46.\n"
                               "\n"
                               "/demo/difflib.py: % of time =  48.90% (25.037s) out of 51.200s.\n"
                               "       Time %               Memory\n"
                               "  Line Python native system   peak    %  Source\n"));
  EXPECT_THAT(text, HasSubstr("   ...\n"
                              "   281      1      1           96M    9              indices = b2j.setdefault(e…\n"
                              "   282                         38M    3              indices.append(i)\n"
                              "   ...\n"));
  EXPECT_THAT(text, HasSubstr("Not shown at 80 columns: GPU, await, copy, memory Python, timeline (--wide).\n"));
}

TEST(TerminalTest, ShowsAllColumnsWhereThereIsRoom) {
  EXPECT_EQ(LineWith(View(Reduced(120)), "  Line "),
            "  Line Python native system     %     % Python   peak   timeline    %  MB/s  Source");
  EXPECT_EQ(LineWith(View(Reduced(120)), "Time %"),
            "       Time %                 GPU Await Memory                         Copy");
}

TEST(TerminalTest, NoLineOfATableIsWiderThanTheTerminal) {
  for (size_t width : {60, 80, 81, 100, 120, 200}) {
    for (const std::string& line : LinesOf(View(Reduced(width)))) {
      const bool in_table = !line.empty() && (line[0] == ' ' || line[0] == '>') && line.substr(0, 2) != "  S";
      if (!in_table || line.find("(line ") != line.npos) continue;
      EXPECT_LE(TextWidth(line), width) << line;
    }
  }
}

TEST(TerminalTest, WideCutsNothingAndLeavesNothingOut) {
  TerminalOptions options = Reduced(80);
  options.wide = true;
  const std::string text = View(options);
  EXPECT_THAT(text, HasSubstr("records.extend(json.loads(line) for line in shard)  # decoded\n"));
  EXPECT_THAT(text, AllOf(HasSubstr("timeline"), Not(HasSubstr("Not shown"))));
}

TEST(TerminalTest, BusiestFileComesFirst) {
  const std::string text = View(Reduced(80));
  EXPECT_LT(text.find("/demo/difflib.py:"), text.find("/demo/train.py:"));
  EXPECT_LT(text.find("find_longest_match (line 305)"), text.find("__chain_b (line 266)"));
}

TEST(TerminalTest, WithoutMemoryAndGpuTheirColumnsAreAbsent) {
  EXPECT_EQ(LineWith(View(Reduced(120), CpuOnly()), "  Line "), "  Line Python native system  Source");
}

TEST(TerminalTest, WhatLimitsTheProgramStandsAboveTheTables) {
  const std::string text = View(Reduced(80), CpuOnly());
  EXPECT_THAT(text, StartsWith("93 % of the time is Python, and all of it is one line: a.py:1.\n"
                               "Python-bound. 93 % of the time runs bytecode.\n\n/a.py"));
  TerminalOptions markdown = Reduced(80);
  markdown.markdown = true;
  Document document = CpuOnly();
  document.files["/*a*_[x](y).py"] = document.files.extract("/a.py").mapped();
  EXPECT_THAT(View(markdown, document), StartsWith("**93 % of the time is Python, and all of it is one line: "
                                                   "\\*a\\*\\_\\[x\\](y).py:1.**\n\n* Python-bound."));
}

TEST(TerminalTest, ShareOfTimeIsOfTheElapsedTimeInOldProfiles) {
  EXPECT_EQ(LineWith(View(Reduced(80), CpuOnly()), "/a.py"),
            "/a.py: % of time =  93.10% (1m:33.100s) out of 1m:40.000s.");
}

TEST(TerminalTest, NamesTheElapsedTimeWhenItIsNotTheTotal) {
  Document document = CpuOnly();
  document.totals.total_sec = 50;
  EXPECT_THAT(View(Reduced(80), document),
              HasSubstr("\n/a.py: % of time =  93.10% (46.550s) out of 50.000s, elapsed 1m:40.000s.\n"));
}

TEST(TerminalTest, AHotLineIsMarkedWhereThereIsNoColour) {
  EXPECT_THAT(LineWith(View(Reduced(80)), "newj2len[j]"), StartsWith(">  385"));
  EXPECT_THAT(LineWith(View(Reduced(80)), "newj2len = "), StartsWith("   378"));
}

TEST(TerminalTest, AHotLineIsBoldRedWhereThereIs) {
  TerminalOptions options = Reduced(80);
  options.depth = ColorDepth::kSixteen;
  const std::string line = LineWith(View(options), "newj2len");
  EXPECT_THAT(View(options), HasSubstr("\x1b[2m   385\x1b[0m \x1b[1;31m    20\x1b[0m"));
}

TEST(TerminalTest, ALeakIsMarkedAtItsPeak) {
  EXPECT_THAT(LineWith(View(Reduced(80)), "CACHE[key]"), HasSubstr("1.15G!  17"));
}

TEST(TerminalTest, WithoutColourNoEscapeCodeIsWritten) {
  for (bool markdown : {false, true}) {
    TerminalOptions options = Reduced(120);
    options.markdown = markdown;
    EXPECT_THAT(View(options), Not(HasSubstr("\x1b")));
  }
}

TEST(TerminalTest, TextsOfTheProfileCannotReachTheTerminalAsCommands) {
  TerminalOptions options;
  options.wide = true;
  options.depth = ColorDepth::kSixteen;
  const std::string text = View(options);
  EXPECT_THAT(text, AllOf(HasSubstr("'^[]0;owned^G^[[2J'"), Not(HasSubstr("\x1b]")), Not(HasSubstr("\x07"))));
  EXPECT_THAT(text, HasSubstr("save.<locals>.^[[31m (line 55)"));
}

TEST(TerminalTest, PlainIsAscii) {
  TerminalOptions options = Reduced(120);
  options.ascii = true;
  EXPECT_THAT(View(options), Each(testing::Lt('\x7f')));
  EXPECT_THAT(View(options), AllOf(HasSubstr("indices = b2j.setdefault(elt"), HasSubstr("~\n"), HasSubstr("-----")));
}

TEST(TerminalTest, SourceIsShownExactlyAsItWas) {
  Document document = CpuOnly();
  document.files["/a.py"].lines[0].text = "if a < b & c: s = \"\\u00e9\" + '\\u003c'\n";
  EXPECT_THAT(View(Reduced(120), document), HasSubstr("if a < b & c: s = \"\\u00e9\" + '\\u003c'\n"));
}

TEST(TerminalTest, WideCharactersCountTwice) {
  Document document = CpuOnly();
  document.files["/a.py"].lines[0].text = "\xe6\x90\x8d\xe5\xa4\xb1\xe9\x96\xa2\xe6\x95\xb0\n";  // four of them
  TerminalOptions options = Reduced(80);
  options.width = 29 + 7;
  EXPECT_THAT(View(options, document), HasSubstr("  \xe6\x90\x8d\xe5\xa4\xb1\xe9\x96\xa2…\n"));
}

TEST(TerminalTest, TabsBecomeBlanks) {
  Document document = CpuOnly();
  document.files["/a.py"].lines[0].text = "a\tb\n";
  EXPECT_THAT(View(Reduced(80), document), HasSubstr("  a   b\n"));
}

TEST(TerminalTest, WithoutReductionEveryLineIsShown) {
  TerminalOptions options;
  const std::string text = View(options);
  EXPECT_THAT(text, Not(HasSubstr("...\n")));
  EXPECT_THAT(text, HasSubstr("\n     1"));
  EXPECT_THAT(text, HasSubstr("\n   470\n"));
}

TEST(TerminalTest, OneFileCanBeChosen) {
  TerminalOptions options = Reduced(80);
  options.file = "train";
  EXPECT_THAT(View(options), AllOf(HasSubstr("/demo/train.py:"), Not(HasSubstr("/demo/difflib.py:"))));
  options.file = "nothing";
  EXPECT_EQ(ErrorOf(options), "no file of the profile matches 'nothing'");
}

TEST(TerminalTest, OneFunctionCanBeChosen) {
  TerminalOptions options = Reduced(80);
  options.function = "absent";
  EXPECT_EQ(ErrorOf(options), "no function of the profile is called 'absent'");
  options.function = "train_epoch";
  EXPECT_THAT(View(options), AllOf(HasSubstr("train_epoch (line 42)"), Not(HasSubstr("load_shards"))));
  EXPECT_THAT(View(options), AllOf(HasSubstr("loss.backward()"), Not(HasSubstr("torch.save"))));
}

TEST(TerminalTest, TopKeepsTheBusiestLinesOfAllFiles) {
  TerminalOptions options;
  options.top = 2;
  options.sort = "python";
  const std::string text = View(options);
  EXPECT_THAT(
      text, AllOf(HasSubstr("  385"), HasSubstr("  379"), Not(HasSubstr("  381")), Not(HasSubstr("/demo/train.py:"))));
  EXPECT_LT(text.find("  385"), text.find("  379"));
}

TEST(TerminalTest, SortsByAnyColumnOrMetric) {
  TerminalOptions options = Reduced(120);
  for (const char* key : {"time", "python", "copy", "gpu", "samples", "memory.peak"}) {
    options.sort = key;
    EXPECT_FALSE(View(options).empty());
  }
  options.sort = "beauty";
  EXPECT_THAT(ErrorOf(options), StartsWith("unknown sort key 'beauty' (known: line, time, memory, python"));
}

TEST(TerminalTest, WaitsAreAColumnForThoseWhoAskForIt) {
  TerminalOptions options = Reduced(100);
  EXPECT_THAT(LineWith(View(options), "  Line "), Not(HasSubstr("longest")));
  options.columns = {"waits"};
  EXPECT_EQ(LineWith(View(options), "  Line "), "  Line         longest  Source");
  EXPECT_THAT(LineWith(View(options), "loss.item"), HasSubstr("       read 1.2s  "));
}

TEST(TerminalTest, ColumnsCanBeChosen) {
  TerminalOptions options = Reduced(80);
  options.columns = {"python", "copy"};
  EXPECT_EQ(LineWith(View(options), "  Line "), "  Line Python  MB/s  Source");
  options.columns = {"colour"};
  EXPECT_THAT(ErrorOf(options), StartsWith("unknown column 'colour' (known: time, memory, python"));
}

TEST(TerminalTest, AThresholdBelowOneShowsTenths) {
  TerminalOptions options = Reduced(120);
  options.threshold = 0.1;
  EXPECT_THAT(LineWith(View(options), "optimizer.step"), HasSubstr("0.2    0.9    0.1"));
}

TEST(TerminalTest, MarkdownIsATableThatSurvivesBars) {
  Document document = CpuOnly();
  document.files["/a.py"].lines[0].text = "x = a | b  # `tick`\n";
  TerminalOptions options = Reduced(80);
  options.markdown = true;
  EXPECT_THAT(View(options, document), HasSubstr("| Line | Python | native | system | Source |\n"
                                                 "|---:|---:|---:|---:|:---|\n"
                                                 "| > 1 | **93** |  |  | `` x = a \\| b  # `tick` `` |\n"));
}

TEST(TerminalTest, FootNamesWhatIsMissing) {
  EXPECT_THAT(View(Reduced(120)),
              HasSubstr("12 files below 1% hidden (1.3% together); 2.8% of the time outside the profiled files.\n"
                        "0.2% of CPU time lost (12 stacks cut; 11 samples in a hook).\n"));
  EXPECT_THAT(View(Reduced(80), CpuOnly()), Not(HasSubstr("hidden")));
}

TEST(TerminalTest, WaitsStandBelowTheirFile) {
  EXPECT_THAT(View(Reduced(80)), HasSubstr("\nWaits: read 1.200s, sleep 800.000ms, gil 500.000ms, lock 250.000ms\n"
                                           "GIL: held by train.py:62 60%, unprofiled code 20%\n"
                                           "Locks: held by train.py:46 80%\n"));
}

}  // namespace
}  // namespace scalene::render
