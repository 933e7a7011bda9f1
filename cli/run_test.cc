// `scalene run` from its words to the recording, which is a double here: messages, exit statuses, help.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <sstream>

#include "cli/command_doubles.h"
#include "cli/commands.h"
#include "cli/dispatch.h"
#include "cli/help.h"
#include "cli/scratch_directory.h"

namespace scalene::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

class RunTest : public ::testing::Test {
 protected:
  RunTest() {
    scratch_.Write("prog.py", "print(1)\n");
    EXPECT_EQ(chdir(scratch_.path().c_str()), 0);
    setenv("XDG_CONFIG_HOME", scratch_.At("config").c_str(), 1);
    setenv("NO_COLOR", "1", 1);
    setenv("PATH", scratch_.At("path").c_str(), 1);
    for (const char* name : {"SCALENE_PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX"}) unsetenv(name);
    scratch_.WriteExecutable("path/python3", "#!/bin/sh\n");
    last_recording.reset();
  }

  int Run(const Words& words) {
    CaptureStdout();
    CaptureStderr();
    int status = RunRun(words);
    out_ = GetCapturedStdout();
    err_ = GetCapturedStderr();
    return status;
  }

  ScratchDirectory scratch_;
  std::string out_, err_;
};

TEST_F(RunTest, GoodRunSaysNothing) {
  EXPECT_EQ(Run({"prog.py", "x"}), 0);
  EXPECT_EQ(out_ + err_, "");
  ASSERT_TRUE(last_recording);
  EXPECT_EQ(last_recording->output.path, scratch_.At("scalene-profile.json"));
}

TEST_F(RunTest, TroubleIsOneLineOnStandardError) {
  EXPECT_EQ(Run({"nope.py"}), 127);
  EXPECT_EQ(err_, "Scalene: could not find input file " + scratch_.At("nope.py") + "\n");
  EXPECT_EQ(out_, "");
  EXPECT_FALSE(last_recording);
}

TEST_F(RunTest, NoProgramShowsTheUsageLine) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(err_, "Scalene: no input file specified.\nusage: scalene run [options] PROGRAM [args]\n");
}

TEST_F(RunTest, UnwritableOutputStopsTheProgramFromStarting) {
  EXPECT_EQ(Run({"-o", "no/such/x.json", "prog.py"}), 125);
  EXPECT_EQ(err_, "Scalene: cannot write no/such/x.json: No such file or directory\n");
  EXPECT_FALSE(last_recording);
}

TEST_F(RunTest, StrayOptionsAreExplained) {
  EXPECT_EQ(Run({"prog.py", "--memory"}), 0);
  EXPECT_EQ(err_,
            "Scalene: --memory stands behind the program and goes to it; Scalene's own options stand before it.\n");
}

TEST_F(RunTest, MetricsThatAreNotMeasuredYetAreNamedOnce) {
  EXPECT_EQ(Run({"--memory", "--malloc-threshold", "5", "--gpu", "prog.py"}), 0);
  EXPECT_EQ(err_, "Scalene: not measured by this version yet: GPU; the profile has everything else.\n");
}

TEST_F(RunTest, WarningsOfTheConfigurationArePrinted) {
  scratch_.Write("scalene.yaml", "cpu_onyl: true\n");
  EXPECT_EQ(Run({"-c", "scalene.yaml", "prog.py"}), 0);
  EXPECT_EQ(err_, "Scalene: warning: unknown config option 'cpu_onyl' (ignored); did you mean 'cpu-only'?\n");
}

TEST_F(RunTest, TerminalViewNeedsAFile) {
  EXPECT_EQ(Run({"--cli", "-o", "-", "prog.py"}), 2);
  EXPECT_THAT(err_, HasSubstr("--cli needs a profile in a file"));
}

TEST_F(RunTest, HelpIsOnStandardOutputAndEndsWell) {
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_EQ(err_, "");
  EXPECT_EQ(out_, RunCommandHelp(false));
  EXPECT_EQ(Run({"--help-advanced"}), 0);
  EXPECT_EQ(out_, RunCommandHelp(true));
}

class DispatchTest : public RunTest {
 protected:
  int Dispatched(const Words& words) {
    CaptureStdout();
    CaptureStderr();
    int status = Dispatch(words);
    out_ = GetCapturedStdout();
    err_ = GetCapturedStderr();
    return status;
  }
};

TEST_F(DispatchTest, ProgramInPlaceOfACommandMeansRun) {
  for (const Words& words : {Words{"prog.py", "x"}, Words{"-m", "mod"}, Words{"--cpu-only", "prog.py"},
                             Words{"python3", "-u", "prog.py"}, Words{"---", "-c", "code"}}) {
    last_recording.reset();
    EXPECT_EQ(Dispatched(words), 0) << err_;
    EXPECT_TRUE(last_recording) << words[0];
  }
}

TEST_F(DispatchTest, AloneItShowsTheHelpAsAnError) {
  EXPECT_EQ(Dispatched({}), 2);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, MainHelp());
  EXPECT_EQ(Dispatched({"--help"}), 0);
  EXPECT_EQ(out_, MainHelp());
}

TEST_F(DispatchTest, UnknownCommandNamesTheNearest) {
  EXPECT_EQ(Dispatched({"veiw"}), 2);
  EXPECT_EQ(err_, "Scalene: unknown command 'veiw'; did you mean 'view'?\n");
}

TEST_F(DispatchTest, VersionIsOneLine) {
  EXPECT_EQ(Dispatched({"--version"}), 0);
  EXPECT_THAT(
      out_, ::testing::MatchesRegex("Scalene version [0-9]+\\.[0-9]+\\.[0-9]+ \\([0-9]{4}\\.[0-9]{2}\\.[0-9]{2}\\)\n"));
  EXPECT_EQ(Dispatched({"--version", "--json"}), 0);
  EXPECT_THAT(out_, HasSubstr("\"python_oldest\": \"3.8\""));
}

TEST(HelpTest, FitsIntoEightyColumns) {
  for (const std::string& help : {MainHelp(), RunCommandHelp(false), RunCommandHelp(true), DoctorCommandHelp(false),
                                  ConfigCommandHelp(false), CompletionsCommandHelp(false)}) {
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(HelpTest, EveryOptionIsInOneOfTheTwoBlocks) {
  std::string help = RunCommandHelp(false) + RunCommandHelp(true);
  for (const OptionSpec* spec : RunOptionTable()) {
    if (spec->block == HelpBlock::kIgnored) continue;
    EXPECT_THAT(help, HasSubstr(OptionHeading(*spec)));
  }
}

TEST(HelpTest, NamesOfLaterVersionsAreRefusedAndNotOffered) {
  for (const char* name : {"attach", "merge", "diff", "export", "top"}) {
    ASSERT_TRUE(FindCommand(name)) << name;
    EXPECT_EQ(MainHelp().find(std::string("\n  ") + name), std::string::npos);
    CaptureStderr();
    EXPECT_EQ(RunUnbuiltCommand(*FindCommand(name)), 2);
    EXPECT_EQ(GetCapturedStderr(), "Scalene: '" + std::string(name) + "' is not part of this version yet.\n");
  }
}

TEST(CompletionsTest, EveryShellLearnsEveryOption) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    CaptureStdout();
    EXPECT_EQ(RunCompletions({shell}), 0);
    std::string script = GetCapturedStdout();
    EXPECT_THAT(script, HasSubstr("cpu-sampling-rate")) << shell;
    EXPECT_THAT(script, HasSubstr("no-stacks")) << shell;
    EXPECT_THAT(script, HasSubstr("doctor")) << shell;
  }
}

TEST(ManualPageTest, HoldsEveryOption) {
  std::string page = ManualPage();
  EXPECT_THAT(page, HasSubstr("\\-\\-cpu\\-sampling\\-rate SECONDS"));
  EXPECT_THAT(page, HasSubstr(".SH EXIT STATUS"));
}

}  // namespace
}  // namespace scalene::cli
