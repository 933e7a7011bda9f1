#include "cli/output_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "cli/files.h"
#include "cli/scratch_directory.h"

namespace scalene::cli {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

class OutputPathTest : public ::testing::Test {
 protected:
  Outcome<OutputPath> Settle(const std::string& name, bool clobber = true) {
    return SettleOutput(name, clobber, scratch_.path());
  }
  std::string NameOf(const std::string& name) {
    Outcome<OutputPath> output = Settle(name);
    EXPECT_TRUE(output.ok()) << output.trouble().text;
    return output.ok() ? output->display : "";
  }
  ScratchDirectory scratch_;
};

TEST_F(OutputPathTest, NameIsKeptAndResolvedAtStart) {
  Outcome<OutputPath> output = Settle("run.v2");
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output->kind, OutputKind::kFile);
  EXPECT_EQ(output->display, "run.v2");
  EXPECT_EQ(output->path, scratch_.At("run.v2"));
}

TEST_F(OutputPathTest, NameWithoutExtensionGetsOne) {
  EXPECT_EQ(NameOf("run"), "run.json");
  EXPECT_EQ(NameOf(".hidden"), ".hidden.json");
  EXPECT_EQ(NameOf("p-%p"), "p-%p.json");
  EXPECT_EQ(NameOf("a.json.gz"), "a.json.gz");
}

TEST_F(OutputPathTest, PageNameBecomesTheJsonBesideIt) {
  Outcome<OutputPath> output = Settle("out.html");
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output->display, "out.json");
  EXPECT_EQ(output->page, "out.html");
}

TEST_F(OutputPathTest, DashIsStandardOutput) { EXPECT_EQ(Settle("-")->kind, OutputKind::kStdout); }

TEST_F(OutputPathTest, DevicesAndPipesAreWrittenAsTheyAre) {
  EXPECT_EQ(Settle("/dev/null")->kind, OutputKind::kDirect);
  std::string pipe = scratch_.At("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  Outcome<OutputPath> output = Settle("pipe");
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(output->kind, OutputKind::kDirect);
  EXPECT_EQ(output->path, pipe);
}

TEST_F(OutputPathTest, DirectoryIsAUsageError) {
  for (const std::string& name : {scratch_.path(), std::string("sub/")}) {
    Outcome<OutputPath> output = Settle(name);
    ASSERT_FALSE(output.ok());
    EXPECT_EQ(output.trouble().exit_status, kExitUsage);
    EXPECT_EQ(output.trouble().text, "outfile " + name + " is a directory");
  }
}

TEST_F(OutputPathTest, MissingDirectoryIsFoundBeforeTheStart) {
  Outcome<OutputPath> output = Settle("no/such/run.json");
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.trouble().exit_status, kExitOwnFailure);
  EXPECT_EQ(output.trouble().text, "cannot write no/such/run.json: No such file or directory");
}

TEST_F(OutputPathTest, DirectoryThatTakesNoFilesIsFoundBeforeTheStart) {
  Outcome<OutputPath> output = Settle("/proc/self/run.json");
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.trouble().exit_status, kExitOwnFailure);
  EXPECT_THAT(output.trouble().text, StartsWith("cannot write /proc/self/run.json: "));
}

TEST_F(OutputPathTest, ReadOnlyPlacesAreFoundBeforeTheStart) {
  scratch_.Write("old.json", "{}", 0444);
  OrdinaryUser user;
  for (const char* name : {"new.json", "old.json"}) {
    Outcome<OutputPath> output = Settle(name);
    ASSERT_FALSE(output.ok()) << name;
    EXPECT_EQ(output.trouble().exit_status, kExitOwnFailure);
    EXPECT_EQ(output.trouble().text, "cannot write " + std::string(name) + ": Permission denied");
  }
}

TEST_F(OutputPathTest, TestLeavesNothingBehind) {
  ASSERT_TRUE(Settle("run").ok());
  EXPECT_THAT(NamesIn(scratch_.path(), 10), IsEmpty());
}

TEST_F(OutputPathTest, ExistingProfileIsReplacedUnlessForbidden) {
  scratch_.Write("run.json", "{}");
  EXPECT_TRUE(Settle("run").ok());
  Outcome<OutputPath> output = Settle("run", false);
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.trouble().exit_status, kExitOwnFailure);
  EXPECT_EQ(output.trouble().text, "cannot write run.json: it exists already (--no-clobber)");
}

TEST_F(OutputPathTest, PidIsPutInWhereverItIsAskedFor) { EXPECT_EQ(WithPid("a%p/%p.json", 42), "a42/42.json"); }

TEST_F(OutputPathTest, CaptureKeepsItsName) {
  Outcome<OutputPath> capture = SettleCapturePath("raw", true, scratch_.path());
  ASSERT_TRUE(capture.ok());
  EXPECT_EQ(capture->path, scratch_.At("raw"));
  EXPECT_FALSE(SettleCapturePath("-", true, scratch_.path()).ok());
}

}  // namespace
}  // namespace scalene::cli
