#include "profile/source_root.h"

#include <gtest/gtest.h>

#include "profile/temporary_tree.h"

namespace scalene::profile {
namespace {

class SourceRootTest : public testing::Test {
 protected:
  SourceRootTest() {
    python_.minor = 12;
    python_.executable = tree_.Path("usr/bin/python3");
    python_.prefix = python_.base_prefix = tree_.Path("usr");
    python_.sys_path = {tree_.Folder("usr/lib/python3.12"), tree_.Folder("usr/lib/python3/dist-packages")};
    request_.directory = tree_.Folder("home/app");
    request_.home = tree_.Path("home");
  }
  std::string RootOfScript(const std::string& below) {
    request_.kind = ProgramKind::kScript;
    request_.program = tree_.File(below);
    return Root();
  }
  std::string RootOfModule(const std::string& below) {
    request_.kind = ProgramKind::kModule;
    request_.module_directory = tree_.Folder(below);
    return Root();
  }
  // Below the folder of the test.
  std::string Root() {
    const std::string root = ChooseRoot(request_, python_);
    return root.starts_with(tree_.Path()) ? root.substr(tree_.Path().size()) : root;
  }

  TemporaryTree tree_;
  PythonEnvironment python_;
  RootRequest request_;
};

TEST_F(SourceRootTest, IsTheDirectoryOfTheScript) {
  EXPECT_EQ(RootOfScript("srv/tool/main.py"), "/srv/tool");
  request_.program = "sub/main.py";
  EXPECT_EQ(Root(), "/home/app/sub");
}

TEST_F(SourceRootTest, FollowsTheLinkToTheScript) {
  tree_.File("srv/tool/main.py");
  tree_.Link("home/app/run", tree_.Path("srv/tool/main.py"));
  request_.program = "run";
  EXPECT_EQ(Root(), "/srv/tool");
}

TEST_F(SourceRootTest, IsTheDirectoryThatHoldsTheTopPackage) {
  EXPECT_EQ(RootOfModule("home/app/src"), "/home/app/src");
}

TEST_F(SourceRootTest, IsTheWorkingDirectoryWithoutAFile) {
  for (ProgramKind kind : {ProgramKind::kCommand, ProgramKind::kStandardInput, ProgramKind::kNotebook}) {
    request_.kind = kind;
    EXPECT_EQ(Root(), "/home/app");
  }
}

TEST_F(SourceRootTest, IsTheWorkingDirectoryForInstalledPrograms) {
  EXPECT_EQ(RootOfScript("usr/bin/flask"), "/home/app");
  EXPECT_EQ(RootOfScript("home/.local/bin/tool"), "/home/app");
  EXPECT_EQ(RootOfScript("usr/lib/python3.12/timeit.py"), "/home/app");
  EXPECT_EQ(RootOfModule("usr/lib/python3/dist-packages"), "/home/app");
}

TEST_F(SourceRootTest, IsTheWorkingDirectoryForScriptsOfAVirtualEnvironment) {
  python_.prefix = tree_.Folder("home/app/.venv");
  python_.executable = tree_.Path("home/app/.venv/bin/python");
  EXPECT_EQ(RootOfScript("home/app/.venv/bin/pytest"), "/home/app");
}

TEST_F(SourceRootTest, AProjectsOwnBinIsNoScriptsDirectory) {
  EXPECT_EQ(RootOfScript("home/app/bin/tool"), "/home/app/bin");
}

TEST_F(SourceRootTest, ProjectsBelowUsrAreNotInstalled) {
  EXPECT_EQ(RootOfScript("usr/src/app/main.py"), "/usr/src/app");
}

TEST_F(SourceRootTest, ProgramPathWinsAlways) {
  request_.program_path = "../other";
  EXPECT_EQ(RootOfScript("srv/main.py"), "/home/other");
  request_.program_path = tree_.Path("usr/lib/python3.12");
  EXPECT_EQ(Root(), "/usr/lib/python3.12");
}

TEST_F(SourceRootTest, AFileAsProgramPathMeansItsDirectory) {
  request_.program_path = tree_.File("srv/main.py");
  EXPECT_EQ(Root(), "/srv");
}

}  // namespace
}  // namespace scalene::profile
