#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/scratch_directory.h"

namespace scalene::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// A working directory with an interpreter of its own on PATH.
class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() {
    python_ = scratch_.WriteExecutable("path/python3", "#!/bin/sh\n");
    scratch_.Write("work/prog.py", "print(1)\n");
    surroundings_.working_directory = scratch_.At("work");
    surroundings_.path = scratch_.At("path");
    EXPECT_EQ(chdir(surroundings_.working_directory.c_str()), 0);  // relative words are looked up as the shell does
  }

  Outcome<LaunchPlan> Plan(const std::vector<std::string>& words, bool options_allowed = false) {
    return PlanLaunch(ReadProgramWords(words, 0, options_allowed, nullptr), options_, surroundings_);
  }
  LaunchPlan Planned(const std::vector<std::string>& words, bool options_allowed = false) {
    Outcome<LaunchPlan> plan = Plan(words, options_allowed);
    EXPECT_TRUE(plan.ok()) << plan.trouble().text;
    return plan.ok() ? plan.value() : LaunchPlan();
  }
  Trouble Refusal(const std::vector<std::string>& words) {
    Outcome<LaunchPlan> plan = Plan(words);
    EXPECT_FALSE(plan.ok());
    return plan.trouble();
  }

  ScratchDirectory scratch_;
  std::string python_;
  Surroundings surroundings_;
  RunOptions options_;
};

TEST_F(ProgramTest, ScriptRunsAsBarePythonWouldRunIt) {
  LaunchPlan plan = Planned({"prog.py", "a", "-b"});
  EXPECT_EQ(plan.executable, python_);
  EXPECT_THAT(plan.argv, ElementsAre("python3", "prog.py", "a", "-b"));
  EXPECT_THAT(plan.display_args, ElementsAre("prog.py", "a", "-b"));
  EXPECT_EQ(plan.program, scratch_.At("work/prog.py"));
  EXPECT_EQ(plan.entrypoint_dir, scratch_.At("work"));
  EXPECT_EQ(plan.root, scratch_.At("work"));
}

TEST_F(ProgramTest, RootOfAScriptBehindALinkIsWhereTheFileLies) {
  scratch_.Write("elsewhere/real.py", "");
  ASSERT_EQ(symlink("../elsewhere/real.py", "link.py"), 0);
  EXPECT_EQ(Planned({"link.py"}).root, scratch_.At("elsewhere"));
}

TEST_F(ProgramTest, ModuleIsFoundFromTheWorkingDirectory) {
  std::string file = scratch_.Write("work/pkg/mod.py", "");
  LaunchPlan plan = Planned({"-m", "pkg.mod", "x"});
  EXPECT_EQ(plan.kind, ProgramKind::kModule);
  EXPECT_THAT(plan.argv, ElementsAre("python3", "-m", "pkg.mod", "x"));
  EXPECT_THAT(plan.display_args, ElementsAre("-m", "pkg.mod", "x"));
  EXPECT_EQ(plan.program, file);
  EXPECT_EQ(plan.entrypoint_dir, "");
  EXPECT_EQ(plan.root, scratch_.At("work"));
}

TEST_F(ProgramTest, ModuleOnThePythonPathHasItsOwnRoot) {
  scratch_.Write("src/pkg/__main__.py", "");
  surroundings_.python_path = "../src";
  EXPECT_EQ(Planned({"-m", "pkg"}).root, scratch_.At("src"));
  EXPECT_EQ(Planned({"-m", "pkg"}).program, scratch_.At("src/pkg/__main__.py"));
}

TEST_F(ProgramTest, InstalledModuleIsProfiledFromTheWorkingDirectory) {
  EXPECT_EQ(Planned({"-m", "pytest"}).root, scratch_.At("work"));
  scratch_.Write("venv/lib/python3.12/site-packages/tool/__main__.py", "");
  surroundings_.python_path = scratch_.At("venv/lib/python3.12/site-packages");
  EXPECT_EQ(Planned({"-m", "tool"}).root, scratch_.At("work"));
}

TEST_F(ProgramTest, CodeAndStandardInputHaveNoFile) {
  LaunchPlan code = Planned({"-c", "print(1)", "a"}, true);
  EXPECT_EQ(code.kind, ProgramKind::kCode);
  EXPECT_EQ(code.program, "-c");
  EXPECT_THAT(code.display_args, ElementsAre("-c", "print(1)", "a"));
  LaunchPlan standard_input = Planned({"-", "a"});
  EXPECT_EQ(standard_input.program, "-");
  EXPECT_THAT(standard_input.argv, ElementsAre("python3", "-", "a"));
}

TEST_F(ProgramTest, DirectoryRunsItsMain) {
  scratch_.Write("work/app/__main__.py", "");
  LaunchPlan plan = Planned({"app", "x"});
  EXPECT_EQ(plan.kind, ProgramKind::kDirectory);
  EXPECT_EQ(plan.program, scratch_.At("work/app/__main__.py"));
  EXPECT_EQ(plan.root, scratch_.At("work/app"));
  EXPECT_THAT(plan.argv, ElementsAre("python3", "app", "x"));
}

TEST_F(ProgramTest, ArchiveIsRecognised) {
  scratch_.Write("work/app.pyz", "PK\x03\x04...");
  EXPECT_EQ(Planned({"app.pyz"}).kind, ProgramKind::kArchive);
}

TEST_F(ProgramTest, ToolIsFoundOnPathWithItsOwnInterpreter) {
  std::string python = scratch_.WriteExecutable("venv/bin/python3.12", "#!/bin/sh\n");
  std::string tool = scratch_.WriteExecutable(
      "path/flask", "#!" + python + " -u\nimport sys\nfrom flask.cli import main\nsys.exit(main())\n");
  LaunchPlan plan = Planned({"flask", "run"});
  EXPECT_EQ(plan.executable, python);
  EXPECT_THAT(plan.argv, ElementsAre(python, "-u", tool, "run"));
  EXPECT_EQ(plan.program, tool);
}

TEST_F(ProgramTest, InstalledToolIsProfiledFromTheWorkingDirectory) {
  scratch_.WriteExecutable("bin/flask", "#!/usr/bin/env python3\nimport sys\nsys.exit(0)\n");
  surroundings_.path += ":" + scratch_.At("bin");
  EXPECT_EQ(Planned({"flask"}).root, scratch_.At("work"));
}

TEST_F(ProgramTest, DirectoryWithTheNameOfAToolIsNotMeant) {
  scratch_.Write("work/tool/data.txt", "");
  std::string tool = scratch_.WriteExecutable("path/tool", "#!/usr/bin/env python3\n");
  EXPECT_EQ(Planned({"tool"}).program, tool);
}

TEST_F(ProgramTest, NamedInterpreterGetsItsOptions) {
  std::string python = scratch_.WriteExecutable("path/python3.12", "#!/bin/sh\n");
  LaunchPlan plan = Planned({"python3.12", "-X", "dev", "prog.py", "-u"});
  EXPECT_EQ(plan.executable, python);
  EXPECT_THAT(plan.argv, ElementsAre("python3.12", "-X", "dev", "prog.py", "-u"));
  EXPECT_THAT(plan.display_args, ElementsAre("prog.py", "-u"));
}

TEST_F(ProgramTest, PythonOptionBeatsEveryOtherName) {
  options_.python = scratch_.WriteExecutable("own/python3.11", "#!/bin/sh\n");
  scratch_.WriteExecutable("work/tool", "#!/no/such/python3 -u\n");
  EXPECT_THAT(Planned({"./tool"}).argv, ElementsAre(options_.python, "./tool"));
}

TEST_F(ProgramTest, ProgramPathIsTheRoot) {
  scratch_.Write("work/sub/x", "");
  options_.program_path = "sub";
  EXPECT_EQ(Planned({"prog.py"}).root, scratch_.At("work/sub"));
}

TEST_F(ProgramTest, EnvironmentIsOnlyCleanedOfWhatIsOurs) {
  EXPECT_THAT(Planned({"prog.py"}).environment_changes, ElementsAre(Pair("SCALENE_PYTHON", std::nullopt)));
  options_.disable_jit = true;
  unsetenv("JAX_DISABLE_JIT");
  setenv("PYTORCH_JIT", "1", 1);
  LaunchPlan plan = Planned({"prog.py"});
  EXPECT_THAT(plan.environment_changes, Contains(Pair("JAX_DISABLE_JIT", "1")));
  EXPECT_EQ(plan.environment_changes.size(), 2u);
  unsetenv("PYTORCH_JIT");
}

// ---- Table 3.4 ----

TEST_F(ProgramTest, NoProgramIsAUsageError) {
  Trouble trouble = Refusal({});
  EXPECT_EQ(trouble.exit_status, kExitUsage);
  EXPECT_EQ(trouble.text, "no input file specified.");
  EXPECT_TRUE(trouble.with_usage);
}

TEST_F(ProgramTest, MissingProgramNamesItsPathAndTheNearestFile) {
  Trouble trouble = Refusal({"porg.py"});
  EXPECT_EQ(trouble.exit_status, kExitNotFound);
  EXPECT_EQ(trouble.text, "could not find input file " + scratch_.At("work/porg.py") + "; did you mean 'prog.py'?");
  EXPECT_EQ(Refusal({"/no/such"}).text, "could not find input file /no/such");
}

TEST_F(ProgramTest, DirectoryWithoutMainIsRefused) {
  scratch_.Write("work/data/x", "");
  Trouble trouble = Refusal({"./data"});
  EXPECT_EQ(trouble.exit_status, kExitCannotExecute);
  EXPECT_EQ(trouble.text, scratch_.At("work/data") + " is a directory without __main__.py");
}

TEST_F(ProgramTest, WhatIsNoPythonProgramIsRefused) {
  scratch_.WriteExecutable("path/tool", "#!/bin/bash\n");
  EXPECT_EQ(Refusal({"tool"}).exit_status, kExitCannotExecute);
  EXPECT_THAT(Refusal({"tool"}).text,
              HasSubstr("its first line asks for /bin/bash; if it belongs to a module, use -m tool"));
  scratch_.WriteExecutable("path/binary",
                           "\x7f"
                           "ELF...");
  EXPECT_THAT(Refusal({"binary"}).text, HasSubstr("it is a binary"));
}

TEST_F(ProgramTest, UnreadableProgramIsRefused) {
  scratch_.Write("work/secret.py", "", 0);
  OrdinaryUser user;
  EXPECT_EQ(Refusal({"secret.py"}).exit_status, kExitCannotExecute);
  EXPECT_EQ(Refusal({"secret.py"}).text, "cannot read " + scratch_.At("work/secret.py") + ": Permission denied");
}

TEST_F(ProgramTest, MissingProgramPathIsAUsageError) {
  options_.program_path = "nowhere";
  EXPECT_EQ(Refusal({"prog.py"}).exit_status, kExitUsage);
  EXPECT_EQ(Refusal({"prog.py"}).text, "--program-path nowhere does not exist");
  options_.program_path = "prog.py";
  EXPECT_EQ(Refusal({"prog.py"}).text, "--program-path prog.py is not a directory");
}

TEST_F(ProgramTest, MissingWorkingDirectoryIsNotFound) {
  surroundings_.working_directory = "";
  EXPECT_EQ(Refusal({"prog.py"}).exit_status, kExitNotFound);
}

TEST_F(ProgramTest, UnsupportedInterpreterIsOurFailure) {
  scratch_.WriteExecutable("path/pypy3", "x");
  Trouble trouble = Refusal({"pypy3", "prog.py"});
  EXPECT_EQ(trouble.exit_status, kExitOwnFailure);
  EXPECT_EQ(trouble.text, "prog.py's interpreter is PyPy; only CPython can be profiled.");
}

TEST_F(ProgramTest, ProgramsAreToldFromMistypedCommands) {
  for (const char* word : {"prog.py", "./x", "python3.12", "-"}) EXPECT_TRUE(LooksLikeProgram(word, surroundings_));
  EXPECT_FALSE(LooksLikeProgram("veiw", surroundings_));
}

}  // namespace
}  // namespace scalene::cli
