#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands.h"
#include "cli/run_options.h"

namespace scalene::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The run table is what the real command reads; the parser itself knows no option.
Outcome<RunCommandLine> Read(const Words& words) { return ReadRunCommandLine(RunOptionTable(), words); }

std::vector<std::string> NamesOf(const RunCommandLine& line) {
  std::vector<std::string> names;
  for (const GivenOption& given : line.options) {
    names.push_back((given.on ? "" : "no:") + std::string(given.spec->name) + (given.value.empty() ? "" : "=") +
                    given.value);
  }
  return names;
}

std::string TroubleOf(const Words& words) {
  Outcome<RunCommandLine> line = Read(words);
  EXPECT_FALSE(line.ok());
  EXPECT_EQ(line.trouble().exit_status, kExitUsage);
  return line.trouble().text;
}

TEST(CommandLineTest, OwnOptionsEndAtTheProgram) {
  auto line = Read({"-o", "x", "--cpu-only", "prog.py", "-o", "y", "--cpu-only"});
  ASSERT_TRUE(line.ok());
  EXPECT_THAT(NamesOf(line.value()), ElementsAre("outfile=x", "cpu-only"));
  EXPECT_EQ(line->program.target, "prog.py");
  EXPECT_THAT(line->program.arguments, ElementsAre("-o", "y", "--cpu-only"));
}

// Row 25 of the reference's defects.
TEST(CommandLineTest, ProgramKeepsEveryWordBehindIt) {
  Words arguments = {"-o", "x", "-c", "y", "--mem", "-overbose", "--help", "--memory"};
  Words words = {"prog.py"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto line = Read(words);
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->program.arguments, arguments);
  EXPECT_THAT(line->options, IsEmpty());
  EXPECT_EQ(line->stray_option, "-o");
}

TEST(CommandLineTest, OnlyExactOptionsBehindTheProgramAreWorthAHint) {
  EXPECT_EQ(Read({"prog.py", "--mem", "-overbose", "-v", "--port", "80"})->stray_option, "");
  EXPECT_EQ(Read({"prog.py", "a", "--memory"})->stray_option, "--memory");
  EXPECT_EQ(Read({"--", "prog.py", "--memory"})->stray_option, "");
}

TEST(CommandLineTest, SeparatorBehindTheProgramGivesExactOptionsToUs) {
  auto line = Read({"prog.py", "--cpu-only", "first", "-o", "out", "--mem", "---", "--arg", "---", "--memory"});
  ASSERT_TRUE(line.ok());
  EXPECT_THAT(NamesOf(line.value()), ElementsAre("cpu-only", "outfile=out"));
  EXPECT_THAT(line->program.arguments, ElementsAre("first", "--mem", "--arg", "---", "--memory"));
  EXPECT_EQ(line->stray_option, "");
}

TEST(CommandLineTest, SeparatorBeforeTheProgramEndsOurOptions) {
  for (const char* separator : {"--", "---"}) {
    auto line = Read({"--cpu-only", separator, "prog.py", "--cpu-only", "---", "x"});
    ASSERT_TRUE(line.ok());
    EXPECT_THAT(NamesOf(line.value()), ElementsAre("cpu-only"));
    EXPECT_EQ(line->program.target, "prog.py");
    EXPECT_THAT(line->program.arguments, ElementsAre("--cpu-only", "---", "x"));
  }
}

TEST(CommandLineTest, CodeIsReadBehindASeparator) {
  auto line = Read({"---", "-c", "print(1)", "a", "-b"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->program.form, ProgramForm::kCode);
  EXPECT_EQ(line->program.target, "print(1)");
  EXPECT_THAT(line->program.arguments, ElementsAre("a", "-b"));
}

TEST(CommandLineTest, ModuleEndsOurOptionsToo) {
  for (const Words& words : {Words{"-m", "pkg.mod", "-m", "x"}, Words{"-mpkg.mod", "-m", "x"}}) {
    auto line = Read(words);
    ASSERT_TRUE(line.ok());
    EXPECT_EQ(line->program.form, ProgramForm::kModule);
    EXPECT_EQ(line->program.target, "pkg.mod");
    EXPECT_THAT(line->program.arguments, ElementsAre("-m", "x"));
  }
}

TEST(CommandLineTest, DashIsTheProgramOnStandardInput) {
  auto line = Read({"-", "a"});
  EXPECT_EQ(line->program.form, ProgramForm::kStdin);
  EXPECT_THAT(line->program.arguments, ElementsAre("a"));
}

TEST(CommandLineTest, InterpreterKeepsItsOwnOptions) {
  auto line = Read({"python3.12", "-u", "-X", "dev", "-Werror", "-W", "ignore", "prog.py", "-u"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->program.interpreter, "python3.12");
  EXPECT_THAT(line->program.interpreter_options, ElementsAre("-u", "-X", "dev", "-Werror", "-W", "ignore"));
  EXPECT_EQ(line->program.target, "prog.py");
  EXPECT_THAT(line->program.arguments, ElementsAre("-u"));
}

TEST(CommandLineTest, InterpreterReadsClusteredLettersAsPythonDoes) {
  auto module = Read({"/usr/bin/python3", "-Im", "mod", "x"});
  EXPECT_THAT(module->program.interpreter_options, ElementsAre("-I"));
  EXPECT_EQ(module->program.target, "mod");
  auto code = Read({"python", "-Ocprint(1)"});
  EXPECT_EQ(code->program.form, ProgramForm::kCode);
  EXPECT_EQ(code->program.target, "print(1)");
}

TEST(CommandLineTest, OneSeparatorBehindTheInterpreterIsDropped) {
  auto line = Read({"python3", "---", "-c", "code", "---"});
  EXPECT_EQ(line->program.target, "code");
  EXPECT_THAT(line->program.arguments, ElementsAre("---"));
}

TEST(CommandLineTest, NothingToRunIsNoProgram) {
  for (const Words& words : {Words{}, Words{"--cpu-only"}, Words{"-m"}, Words{"---"}, Words{"python3", "-X", "dev"}}) {
    auto line = Read(words);
    ASSERT_TRUE(line.ok());
    EXPECT_EQ(line->program.form, ProgramForm::kNone);
  }
}

TEST(CommandLineTest, OptionsAreNeverMatchedByPrefix) {
  EXPECT_EQ(TroubleOf({"--cpu-onl", "prog.py"}), "unknown option '--cpu-onl'; did you mean '--cpu-only'?");
  EXPECT_THAT(TroubleOf({"--mem", "prog.py"}), HasSubstr("did you mean '--memory'?"));
}

TEST(CommandLineTest, ValuesMayBeGlued) {
  auto line = Read({"--outfile=a=b", "-cfile.yaml", "--cpu-sampling-rate=0.1", "prog.py"});
  ASSERT_TRUE(line.ok());
  EXPECT_THAT(NamesOf(line.value()), ElementsAre("outfile=a=b", "config=file.yaml", "cpu-sampling-rate=0.1"));
}

TEST(CommandLineTest, SwitchesHaveOpposites) {
  auto line = Read({"--no-stacks", "--stacks", "--no-cpu-only", "--on", "--cpu", "prog.py"});
  ASSERT_TRUE(line.ok());
  EXPECT_THAT(NamesOf(line.value()), ElementsAre("no:stacks", "stacks", "no:cpu-only", "no:off", "cpu-only"));
}

TEST(CommandLineTest, OldOptionsAreAccepted) {
  auto line = Read({"--json", "--web", "--html", "--no-browser", "--viewer", "--reduced-profile", "--ipython",
                    "--use-legacy-tracer", "--use-python-callback", "--column-width", "132", "--port", "8080", "--pid",
                    "0", "prog.py"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->program.target, "prog.py");
}

TEST(CommandLineTest, ValueThatIsMissingOrUnwantedIsNamed) {
  EXPECT_THAT(TroubleOf({"--cpu-sampling-rate"}), HasSubstr("--cpu-sampling-rate needs a value: a number above 0"));
  EXPECT_EQ(TroubleOf({"--cpu-only=yes", "prog.py"}), "--cpu-only takes no value");
}

TEST(CommandLineTest, InterpreterOptionWithoutInterpreterIsExplained) {
  EXPECT_THAT(TroubleOf({"-u", "prog.py"}), HasSubstr("scalene run python3 -u"));
}

TEST(CommandLineTest, HelpWinsOverWhatFollows) {
  auto line = Read({"--cpu-only", "-h", "--nonsense"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->options.back().spec->name, "help");
}

TEST(ProgramWordsTest, KnowsInterpretersByName) {
  for (const char* word : {"python", "python3", "/usr/bin/python3.12", "python3.13t", "pypy3.10", "graalpy"}) {
    EXPECT_TRUE(NamesInterpreter(word)) << word;
  }
  for (const char* word : {"python.py", "pythonista", "python3x", "ipython", "prog", ""}) {
    EXPECT_FALSE(NamesInterpreter(word)) << word;
  }
}

}  // namespace
}  // namespace scalene::cli
