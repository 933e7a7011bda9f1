#include "collector/sample_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string_view>

#include "profile/temporary_tree.h"

namespace scalene::collector {
namespace {

using profile::CpuKind;
using testing::ElementsAre;

constexpr char kMainSource[] =
    "import library\n"
    "exec(text)\n"
    "total = eval(text)\n"
    "library.work()\n"
    "def helper():\n"
    "    pass\n";

// A program, app/main.py, with an interpreter and its library beside it. Each sample weighs one second.
class SampleFolderTest : public testing::Test {
 protected:
  SampleFolderTest() {
    python_.minor = 9;  // its line tables are pairs (bytes, lines)
    python_.prefix = python_.base_prefix = tree_.Path("usr");
    python_.executable = tree_.Path("usr/bin/python3");
    python_.sys_path = {tree_.Path("usr/lib/python3.9")};
    library_ = tree_.File("usr/lib/python3.9/library.py");
    tree_.File("usr/lib/python3.9/os.py");
    main_ = tree_.File("app/main.py", kMainSource);
    MakeFolder(true);
  }
  void MakeFolder(bool keep_stacks) {
    profile::FilterOptions options;
    options.root = options.directory = tree_.Path("app");
    folder_ = std::make_unique<SampleFolder>(options, keep_stacks);
  }

  // Describes a code object whose n-th instruction lies in its n-th line.
  uint64_t Code(const std::string& file, const std::string& name, int first_line = 1, size_t lines = 50) {
    const std::vector<uint8_t> table(2 * lines, 1);
    wire::CodeEvent event{};
    event.record.address = ++last_address_;
    event.record.first_line = first_line;
    event.record.table_bytes = static_cast<uint32_t>(table.size());
    const auto raw = [](std::string_view text) {
      return wire::RawStringView{{reinterpret_cast<const uint8_t*>(text.data()), text.size()}, 1, false};
    };
    event.file = raw(file);
    event.name = raw(name);
    event.table = table;
    codes_.Describe(event);
    return last_address_;
  }
  wire::FrameEntry At(uint64_t code, int line) {
    const CodeObject* known = codes_.Find(code, 0);
    return {code, 0, known == nullptr ? 0 : line - known->first_line};
  }
  // The program's module code in this line.
  wire::FrameEntry Main(int line) { return At(main_code_ ? main_code_ : main_code_ = Code(main_, "<module>"), line); }
  // Text in which exec or eval run module code; texts differ in their number of lines.
  uint64_t Text(size_t lines = 5) { return Code("<string>", "<module>", 1, lines); }

  // A sample with these frames, leaf first. False: lost.
  bool Take(std::vector<wire::FrameEntry> frames, CpuKind kind = CpuKind::kPython, double time_sec = 1.0) {
    return TakeFlagged(0, std::move(frames), kind, time_sec);
  }
  bool TakeOfNativeThread(double time_sec) {
    return TakeFlagged(wire::kSampleNoThreadState, {}, CpuKind::kNative, time_sec);
  }
  bool TakeTorn(double time_sec) { return TakeFlagged(wire::kSampleTorn, {}, CpuKind::kPython, time_sec); }

  double SecondsAt(const std::string& file, int line) const {
    double sum = 0;
    for (const auto& [key, counts] : counts_.lines()) {
      if (Name(key.file) == file && key.line == line) sum += counts.sec.cpu();
    }
    return sum;
  }
  double SecondsOutside(const std::string& innermost_file) const {
    for (const auto& [file, sum] : counts_.outside().files) {
      if (Name(file) == innermost_file) return sum.first;
    }
    return 0;
  }
  double SecondsInProfile() const { return counts_.cpu_sec() - counts_.outside().sec; }
  // "<module>:4", outermost first, of the only stack.
  std::vector<std::string> OnlyStack() const {
    EXPECT_EQ(counts_.stacks().size(), 1u);
    std::vector<std::string> frames;
    for (const profile::FrameId id : folder_->stacks().FramesOf(counts_.stacks().begin()->first)) {
      const profile::FrameData& frame = folder_->frames().Get(id);
      frames.push_back(Name(frame.function) + ":" + std::to_string(frame.line));
    }
    return frames;
  }
  std::string ExecutedAt(int line, const char* how = "exec") const {
    return "<" + std::string(how) + "@" + main_ + ":" + std::to_string(line) + ">";
  }

  profile::TemporaryTree tree_;
  profile::PythonEnvironment python_;
  std::string main_, library_;
  std::unique_ptr<SampleFolder> folder_;
  CodeObjects codes_{getpid(), 9};
  profile::FoldedCounts counts_;
  ProcessContext::Waits waits_;
  ProcessContext::RecentLine driver_, last_line_;

 private:
  const std::string& Name(profile::StringId id) const { return folder_->strings().Get(id); }
  bool TakeFlagged(uint16_t flags, std::vector<wire::FrameEntry> frames, CpuKind kind, double time_sec) {
    wire::SampleEvent event{};
    event.record.flags = flags;
    event.frames = frames;
    return folder_->Fold({codes_, python_, counts_, waits_, driver_, last_line_}, event, {1.0, kind, time_sec, 0.5}, 1);
  }
  uint64_t last_address_ = 0, main_code_ = 0;
};

TEST_F(SampleFolderTest, CreditsTheLineOfTheInnermostFrame) {
  const uint64_t helper = Code(main_, "helper", 5);
  EXPECT_TRUE(Take({At(helper, 6), Main(4)}));
  EXPECT_EQ(SecondsAt(main_, 6), 1);
  EXPECT_EQ(SecondsInProfile(), 1);
}

TEST_F(SampleFolderTest, CreditsWhatALibraryDoesToTheLineThatCallsIt) {
  const uint64_t work = Code(library_, "work", 20);
  EXPECT_TRUE(Take({At(work, 25), At(work, 22), Main(4)}, CpuKind::kNative));
  EXPECT_EQ(SecondsAt(main_, 4), 1);
  EXPECT_EQ(counts_.outside().samples, 0);
}

TEST_F(SampleFolderTest, CountsWhatNoProfiledLineCausedAsOutside) {
  const uint64_t work = Code(library_, "work"), thread = Code(tree_.Path("usr/lib/python3.9/os.py"), "bootstrap");
  EXPECT_TRUE(Take({At(work, 1), At(thread, 1)}));
  EXPECT_EQ(SecondsOutside(library_), 1);
  EXPECT_EQ(SecondsInProfile(), 0);
}

TEST_F(SampleFolderTest, SkipsFramesOfUnknownCode) {
  EXPECT_TRUE(Take({At(0xdead, 1), Main(4)}));
  EXPECT_EQ(SecondsAt(main_, 4), 1);
  EXPECT_TRUE(Take({At(0xdead, 1)}));
  EXPECT_EQ(SecondsOutside(""), 1);
  EXPECT_EQ(folder_->unknown_codes(), 2);
}

TEST_F(SampleFolderTest, StacksHoldProfiledFramesOnlyOutermostFirst) {
  const uint64_t helper = Code(main_, "helper", 5), work = Code(library_, "work");
  Take({At(work, 1), At(helper, 6), At(work, 3), Main(4)});
  EXPECT_THAT(OnlyStack(), ElementsAre("<module>:4", "helper:6"));
  folder_->SettleTimeline();
  EXPECT_EQ(folder_->timeline().runs().size(), 1u);
}

TEST_F(SampleFolderTest, KeepsNoStacksUnlessAsked) {
  MakeFolder(false);
  Take({Main(4)});
  EXPECT_TRUE(counts_.stacks().empty());
  EXPECT_TRUE(folder_->timeline().runs().empty());
  EXPECT_EQ(SecondsAt(main_, 4), 1);
}

TEST_F(SampleFolderTest, NamesExecutedTextAfterTheLineThatRunsIt) {
  Take({At(Text(), 3), Main(2)});
  EXPECT_EQ(SecondsAt(ExecutedAt(2), 3), 1);
  Take({At(Text(), 1), Main(3)});
  EXPECT_EQ(SecondsAt(ExecutedAt(3, "eval"), 1), 1);
}

TEST_F(SampleFolderTest, TextThatALibraryRunsBelongsToTheLineThatCallsTheLibrary) {
  const uint64_t generate = Code(library_, "generate");
  Take({At(Text(), 3), At(generate, 1), Main(4)});
  EXPECT_EQ(SecondsAt(main_, 4), 1);
}

TEST_F(SampleFolderTest, FunctionsOfExecutedTextBelongToIt) {
  const uint64_t inner = Code("<string>", "inner", 4);
  Take({At(inner, 5), At(Text(), 9), Main(2)});
  EXPECT_EQ(SecondsAt(ExecutedAt(2), 5), 1);
}

TEST_F(SampleFolderTest, KeepsDifferentTextsOfOneLineApart) {
  Take({At(Text(5), 2), Main(2)});
  Take({At(Text(6), 2), Main(2)});
  Take({At(Text(7), 2), Main(2)});
  EXPECT_EQ(SecondsAt(ExecutedAt(2), 2), 1);
  EXPECT_EQ(SecondsAt(ExecutedAt(2) + " (2)", 2), 1);
  EXPECT_EQ(SecondsAt(ExecutedAt(2) + " (3)", 2), 1);
}

TEST_F(SampleFolderTest, TakesTheSameTextForTheSameEveryTime) {
  Take({At(Text(5), 2), Main(2)});
  Take({At(Text(6), 2), Main(2)});
  Take({At(Text(5), 2), Main(2)});  // compiled again: another code object
  EXPECT_EQ(SecondsAt(ExecutedAt(2), 2), 2);
  EXPECT_EQ(SecondsAt(ExecutedAt(2) + " (2)", 2), 1);
}

TEST_F(SampleFolderTest, TellsFunctionsOfDifferentTextsApart) {
  Take({At(Text(5), 2), Main(2)});
  const uint64_t inner = Code("<string>", "inner", 4);
  Take({At(inner, 5), At(Text(6), 9), Main(2)});
  EXPECT_EQ(SecondsAt(ExecutedAt(2) + " (2)", 5), 1);
}

TEST_F(SampleFolderTest, TextsBeyondTheHundredthShareThePlaceOfTheFirst) {
  for (size_t lines = 1; lines <= 103; ++lines) Take({At(Text(lines), 1), Main(2)});
  EXPECT_EQ(SecondsAt(ExecutedAt(2) + " (100)", 1), 1);
  EXPECT_EQ(SecondsAt(ExecutedAt(2) + " (101)", 1), 0);
  EXPECT_EQ(SecondsAt(ExecutedAt(2), 1), 1 + 3);
}

TEST_F(SampleFolderTest, NamesTextThatTextRunsAfterTheOuterOne) {
  const uint64_t outer = Text(5), inner = Text(6);
  Take({At(inner, 3), At(outer, 2), Main(2)});
  EXPECT_EQ(SecondsAt(ExecutedAt(2), 3), 1);
}

TEST_F(SampleFolderTest, GeneratedFunctionsOfLibrariesBelongToTheLineThatCallsThem) {
  Take({At(Code("<string>", "__init__"), 2), Main(4)});
  Take({At(Code("<__array_function__ internals>", "dot"), 2), Main(4)});
  Take({At(Code("<frozen importlib._bootstrap>", "<module>"), 2), Main(4)});
  EXPECT_EQ(SecondsAt(main_, 4), 3);
  EXPECT_EQ(counts_.lines().size(), 1u);
}

TEST_F(SampleFolderTest, TextThatOnlyALibraryRunsIsOutside) {
  Take({At(Text(), 3), At(Code(library_, "run"), 1)});
  EXPECT_EQ(SecondsOutside("<string>"), 1);
}

TEST_F(SampleFolderTest, CreditsNativeThreadsToTheLineThatDrivesThem) {
  Take({Main(4)}, CpuKind::kNative, 1.0);
  EXPECT_TRUE(TakeOfNativeThread(1.05));
  EXPECT_EQ(SecondsAt(main_, 4), 2);
  EXPECT_TRUE(TakeOfNativeThread(1.2));
  EXPECT_EQ(SecondsOutside("<native threads>"), 1);
}

TEST_F(SampleFolderTest, CreditsNativeThreadsToTheLineThatWaitsForThemInC) {
  Take({Main(3)}, CpuKind::kNative, 0.95);
  for (const double look_sec : {1.0, 1.01, 1.02, 1.2}) waits_.Note(look_sec, driver_);  // of line 3; two stretches
  driver_ = {};
  EXPECT_TRUE(TakeOfNativeThread(1.015));
  EXPECT_TRUE(TakeOfNativeThread(1.195));
  EXPECT_EQ(SecondsAt(main_, 3), 3);
  EXPECT_TRUE(TakeOfNativeThread(1.1));  // nothing was seen then
  EXPECT_EQ(SecondsAt(main_, 3), 3);
}

TEST_F(SampleFolderTest, LineThatIsAsleepDrivesNoNativeThread) {
  Take({Main(4)}, CpuKind::kNative, 1.0);
  waits_.Note(1.02, std::nullopt);
  EXPECT_TRUE(TakeOfNativeThread(1.03));
  EXPECT_EQ(SecondsAt(main_, 4), 1);
  EXPECT_TRUE(TakeOfNativeThread(1.05));  // awake again
  EXPECT_EQ(SecondsAt(main_, 4), 2);
}

TEST_F(SampleFolderTest, LineThatRunsPythonDrivesNoNativeThread) {
  Take({Main(4)}, CpuKind::kPython, 1.0);
  EXPECT_TRUE(TakeOfNativeThread(1.01));
  EXPECT_EQ(SecondsAt(main_, 4), 1);
  EXPECT_EQ(SecondsOutside("<native threads>"), 1);
}

TEST_F(SampleFolderTest, CreditsTornSamplesToTheThreadsLastLine) {
  Take({Main(4)}, CpuKind::kPython, 1.0);
  EXPECT_TRUE(TakeTorn(1.04));
  EXPECT_EQ(SecondsAt(main_, 4), 2);
  EXPECT_THAT(OnlyStack(), ElementsAre("<module>:4"));
}

TEST_F(SampleFolderTest, LosesTornSamplesOfThreadsThatMayBeElsewhereByNow) {
  EXPECT_FALSE(TakeTorn(1.0)) << "no line yet";
  Take({Main(4)}, CpuKind::kPython, 1.0);
  EXPECT_FALSE(TakeTorn(1.06));
  EXPECT_EQ(counts_.samples(), 1);
}

TEST_F(SampleFolderTest, CountsOnlyMarkedFunctionsOnceThereIsOne) {
  const uint64_t helper = Code(main_, "helper", 5);
  folder_->Mark(*codes_.Find(helper, 0), python_);
  Take({At(helper, 6), Main(4)});
  Take({Main(4)});
  EXPECT_EQ(SecondsAt(main_, 6), 1);
  EXPECT_EQ(SecondsOutside(main_), 1);
}

}  // namespace
}  // namespace scalene::collector
