#include "profile/file_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "profile/source_root.h"
#include "profile/temporary_tree.h"

namespace scalene::profile {
namespace {

// A machine in a folder: an interpreter below usr/, a home, a project.
class FileFilterTest : public testing::Test {
 protected:
  FileFilterTest() {
    tree_.File("usr/lib/python3.11/os.py");
    tree_.File("usr/lib/python3.11/encodings/__init__.py");
    tree_.File("usr/lib/python3/dist-packages/six.py");
    tree_.File("home/app/main.py");
    python_.minor = 11;
    python_.executable = tree_.Path("usr/bin/python3");
    python_.prefix = python_.base_prefix = tree_.Path("usr");
    python_.sys_path = {tree_.Path("usr/lib/python311.zip"), tree_.Path("usr/lib/python3.11"),
                        tree_.Path("usr/lib/python3.11/lib-dynload"),
                        tree_.Path("usr/local/lib/python3.11/dist-packages"),
                        tree_.Path("usr/lib/python3/dist-packages")};
    options_.root = options_.directory = tree_.Folder("home/app");
    options_.home = tree_.Path("home");
  }

  // The verdict on a path below the folder, or on a name that is no path.
  Verdict Decide(const std::string& name) {
    const bool is_name = name.empty() || name[0] == '<' || name[0] == '[';
    return FileFilter(options_, python_).Decide(is_name ? name : tree_.Path(name));
  }
  bool Profiled(const std::string& name) { return Decide(name).profiled; }
  FilterRow Row(const std::string& name) { return Decide(name).row; }

  void UseVirtualEnvironment(const std::string& prefix) {
    python_.prefix = tree_.Folder(prefix);
    python_.executable = tree_.Path(prefix + "/bin/python");
    python_.sys_path = {tree_.Path("usr/lib/python3.11"), tree_.Folder(prefix + "/lib/python3.11/site-packages")};
  }
  void RunInstalled(const std::string& script) {
    RootRequest request{.program = tree_.File(script), .directory = options_.directory};
    options_.root = ChooseRoot(request, python_);
  }

  TemporaryTree tree_;
  PythonEnvironment python_;
  FilterOptions options_;
};

TEST_F(FileFilterTest, Row1NoNameAndOurOwnFilesAreNot) {
  EXPECT_EQ(Row(""), FilterRow::kNoName);
  options_.own_directories = {tree_.Path("home/app/lib/scalene")};
  EXPECT_EQ(Row("home/app/lib/scalene/profile.py"), FilterRow::kOwnFile);
  options_.profile_all = true;
  EXPECT_FALSE(Profiled("home/app/lib/scalene/profile.py"));
}

TEST_F(FileFilterTest, ADirectoryThatIsOnlyNamedLikeUsIsProfiled) {
  options_.own_directories = {tree_.Path("usr/lib/python3/dist-packages/scalene")};
  options_.root = tree_.Folder("home/scalene");
  EXPECT_TRUE(Profiled("home/scalene/scalene/main.py"));
}

TEST_F(FileFilterTest, Row3ExcludedFilesAreNot) {
  options_.profile_exclude = "util, /tmp/x";
  EXPECT_EQ(Row("home/app/utils.py"), FilterRow::kExcluded);
  EXPECT_TRUE(Profiled("home/app/main.py"));
}

TEST_F(FileFilterTest, ExclusionLooksAtThePathFromTheRootsOwnNameOn) {
  options_.root = tree_.Folder("home/test/app");
  options_.profile_exclude = "test";
  EXPECT_TRUE(Profiled("home/test/app/main.py"));
  EXPECT_FALSE(Profiled("home/test/app/test_main.py"));
  EXPECT_TRUE(Profiled("home/test/beside.py"));
  options_.profile_exclude = "app";
  EXPECT_FALSE(Profiled("home/test/app/main.py"));
}

TEST_F(FileFilterTest, Row4NotebookCellsAre) {
  EXPECT_EQ(Row("[12]"), FilterRow::kNotebookCell);
  EXPECT_EQ(Row("<ipython-input-3-0123abcd>"), FilterRow::kNotebookCell);
  EXPECT_TRUE(IsNotebookCell("/tmp/ipykernel_4711/1234567.py"));
  EXPECT_FALSE(IsNotebookCell("/tmp/ipykernel_4711/main.py"));
  EXPECT_FALSE(IsNotebookCell("[x]"));
  options_.profile_only = "nothing";
  EXPECT_TRUE(Profiled("[12]"));
}

TEST_F(FileFilterTest, Row5OnlySelectedFilesAre) {
  options_.profile_only = "main";
  EXPECT_TRUE(Profiled("home/app/main.py"));
  EXPECT_EQ(Row("home/app/other.py"), FilterRow::kNotSelected);
  EXPECT_FALSE(Profiled("usr/lib/python3.11/main_like.py")) << "it narrows, it does not widen";
  options_.profile_all = true;
  EXPECT_FALSE(Profiled("home/app/other.py"));
  EXPECT_TRUE(Profiled("usr/lib/python3.11/main_like.py"));
}

TEST_F(FileFilterTest, OnlyLooksAtTheWholePath) {
  options_.profile_only = "home";
  EXPECT_TRUE(Profiled("home/app/main.py"));
}

TEST_F(FileFilterTest, AnAbsoluteSelectionAlsoWidens) {
  options_.profile_only = tree_.Path("usr/lib/python3.11/json") + ", main";
  EXPECT_EQ(Row("usr/lib/python3.11/json/decoder.py"), FilterRow::kSelected);
  EXPECT_TRUE(Profiled("home/app/main.py"));
  EXPECT_FALSE(Profiled("usr/lib/python3.11/jsonx.py"));
}

TEST_F(FileFilterTest, Row6ProfileAllTakesEverything) {
  options_.profile_all = true;
  for (const char* name : {"usr/lib/python3.11/os.py", "elsewhere/x.py", "<string>", "<frozen importlib._bootstrap>"}) {
    EXPECT_EQ(Row(name), FilterRow::kProfileAll) << name;
  }
}

TEST_F(FileFilterTest, Row7ExecutedTextBelongsToTheFileThatRunsIt) {
  const std::string executed = "<exec@" + tree_.Path("home/app/main.py") + ":3>";
  EXPECT_EQ(Row(executed), FilterRow::kExecutedText);
  EXPECT_EQ(Row("<eval@/x.py:3>"), FilterRow::kExecutedText);
  EXPECT_TRUE(Decide("<string>").may_be_executed_text);
  EXPECT_FALSE(Profiled("<frozen os>"));
  options_.profile_exclude = "main";
  EXPECT_FALSE(Profiled(executed));
  options_.profile_exclude = "";
  options_.profile_only = tree_.Path("home/app/main.py");
  EXPECT_TRUE(Profiled(executed));
}

TEST_F(FileFilterTest, NamesTheFileOfExecutedText) {
  EXPECT_EQ(FileOfExecutedText("<exec@/a:b.py:12>"), "/a:b.py");
  EXPECT_EQ(FileOfExecutedText("<exec@/a.py>"), "");
  EXPECT_EQ(FileOfExecutedText("<exec@>"), "");
  EXPECT_EQ(FileOfExecutedText("<string>"), "");
}

TEST_F(FileFilterTest, TheTextOfTheProgramItselfIsProfiled) {
  options_.program_text = "<string>";
  EXPECT_EQ(Row("<string>"), FilterRow::kProgramText);
  EXPECT_FALSE(Profiled("<stdin>"));
}

TEST_F(FileFilterTest, Row8TheDeepestDirectoryDecides) {
  EXPECT_EQ(Row("home/app/sub/deep.py"), FilterRow::kRoot);
  EXPECT_EQ(Row("usr/lib/python3.11/os.py"), FilterRow::kLibrary);
  EXPECT_EQ(Row("usr/lib/python3/dist-packages/six.py"), FilterRow::kLibrary);
  options_.root = tree_.Path();
  EXPECT_TRUE(Profiled("home/app/main.py"));
  EXPECT_FALSE(Profiled("usr/lib/python3.11/os.py"));
  EXPECT_FALSE(Profiled("usr/lib/python3/dist-packages/six.py"));
}

TEST_F(FileFilterTest, LibrariesAreWithTheirOption) {
  options_.profile_system_libraries = true;
  EXPECT_TRUE(Profiled("usr/lib/python3.11/os.py"));
  EXPECT_TRUE(Profiled("usr/local/lib/python3.11/dist-packages/x.py"));
  EXPECT_FALSE(Profiled("elsewhere/x.py"));
}

TEST_F(FileFilterTest, Row9FilesDirectlyBesideTheRootAre) {
  EXPECT_EQ(Row("home/beside.py"), FilterRow::kBesideRoot);
  EXPECT_EQ(Row("home/other/below.py"), FilterRow::kElsewhere);
}

TEST_F(FileFilterTest, Row10AnythingElseIsNot) { EXPECT_EQ(Row("opt/x.py"), FilterRow::kElsewhere); }

TEST_F(FileFilterTest, ComponentsAreComparedNotPrefixes) {
  EXPECT_FALSE(Profiled("home/apparatus/x.py"));
  EXPECT_EQ(Row("usr/lib/python3.11x/x.py"), FilterRow::kElsewhere);
}

TEST_F(FileFilterTest, RelativeNamesAndLinksAreResolved) {
  FileFilter filter(options_, python_);
  EXPECT_EQ(filter.Decide("main.py").path, tree_.Path("home/app/main.py"));
  EXPECT_EQ(filter.Decide("../app/./main.py").path, tree_.Path("home/app/main.py"));
  tree_.Link("linked", tree_.Path("home/app"));
  EXPECT_EQ(filter.Decide(tree_.Path("linked/gone.py")).path, tree_.Path("home/app/gone.py"));
  EXPECT_TRUE(filter.Decide(tree_.Path("linked/gone.py")).profiled);
}

TEST_F(FileFilterTest, PathsInAnyBytesAndWithCommasAreProfiled) {
  EXPECT_TRUE(Profiled("home/app/\xFF\xFE.py"));
  EXPECT_TRUE(Profiled("home/app/a,b.py"));
  options_.profile_only = "modül";
  EXPECT_TRUE(Profiled("home/app/modül.py"));
}

// The consequences that the rule is there for.

TEST_F(FileFilterTest, ProjectsBelowUsrAreProfiledWithTheSystemsPython) {
  options_.root = tree_.Folder("usr/src/app");
  EXPECT_TRUE(Profiled("usr/src/app/main.py"));
  options_.root = tree_.Folder("home/me/usr/app");
  EXPECT_TRUE(Profiled("home/me/usr/app/main.py"));
}

TEST_F(FileFilterTest, AVirtualEnvironmentInsideTheProjectIsNotProfiled) {
  UseVirtualEnvironment("home/app/.venv");
  EXPECT_FALSE(Profiled("home/app/.venv/lib/python3.11/site-packages/flask/app.py"));
  EXPECT_FALSE(Profiled("home/app/.venv/bin/flask"));
  EXPECT_TRUE(Profiled("home/app/main.py"));
}

TEST_F(FileFilterTest, AProjectInsideAVirtualEnvironmentIsProfiled) {
  UseVirtualEnvironment("home/env");
  options_.root = tree_.Folder("home/env/project");
  EXPECT_TRUE(Profiled("home/env/project/main.py"));
  options_.root = tree_.Path("home/env");
  EXPECT_TRUE(Profiled("home/env/main.py"));
  EXPECT_FALSE(Profiled("home/env/lib/python3.11/site-packages/x.py"));
}

TEST_F(FileFilterTest, AProjectInsideALibraryIsProfiledWithItsProgramPath) {
  EXPECT_FALSE(Profiled("usr/lib/python3/dist-packages/app/main.py"));
  RootRequest request{.directory = tree_.Path("home"), .program_path = tree_.Path("usr/lib/python3/dist-packages")};
  options_.root = ChooseRoot(request, python_);
  EXPECT_TRUE(Profiled("usr/lib/python3/dist-packages/app/main.py"));
}

TEST_F(FileFilterTest, InstalledProgramsAreProfiledFromTheWorkingDirectory) {
  RunInstalled("usr/bin/flask");
  EXPECT_TRUE(Profiled("home/app/main.py"));
  EXPECT_FALSE(Profiled("usr/bin/flask"));
  RunInstalled("usr/lib/python3/dist-packages/pytest/__main__.py");
  EXPECT_TRUE(Profiled("home/app/test_main.py"));
}

class EditableInstallTest : public FileFilterTest {
 protected:
  EditableInstallTest() {
    UseVirtualEnvironment("home/app/.venv");
    tree_.Folder("home/my lib/src");
  }
  void InSite(const std::string& name, const std::string& bytes) {
    tree_.File("home/app/.venv/lib/python3.11/site-packages/" + name, bytes);
  }
};

TEST_F(EditableInstallTest, DirectUrlNamesTheProject) {
  InSite("lib-1.dist-info/direct_url.json",
         R"({"dir_info": {"editable": true}, "url": "file://)" + tree_.Path("home/my%20lib") + "\"}");
  EXPECT_EQ(Row("home/my lib/src/lib.py"), FilterRow::kEditableInstall);
}

TEST_F(EditableInstallTest, AnInstallFromALocalFolderIsNotEditable) {
  InSite("lib-1.dist-info/direct_url.json",
         R"({"dir_info": {}, "url": "file://)" + tree_.Path("home/my%20lib") + "\"}");
  InSite("bad-1.dist-info/direct_url.json", "{not json");
  EXPECT_FALSE(Profiled("home/my lib/src/lib.py"));
}

TEST_F(EditableInstallTest, EggLinkNamesTheSource) {
  InSite("lib.egg-link", tree_.Path("home/my lib/src") + "\n../\n");
  EXPECT_TRUE(Profiled("home/my lib/src/lib.py"));
  EXPECT_FALSE(Profiled("home/my lib/setup.py"));
}

TEST_F(EditableInstallTest, PathFilesNameDirectories) {
  InSite("lib.pth", "# a comment\nimport site_hook\n" + tree_.Path("home/my lib/src") + "\r\n/does/not/exist\n");
  EXPECT_TRUE(Profiled("home/my lib/src/lib.py"));
}

TEST_F(EditableInstallTest, AnEggInsideTheLibraryIsInstalled) {
  InSite("egg-1.egg/egg.py", "");
  InSite("easy-install.pth", "./egg-1.egg\n");
  EXPECT_EQ(Row("home/app/.venv/lib/python3.11/site-packages/egg-1.egg/egg.py"), FilterRow::kLibrary);
}

TEST_F(EditableInstallTest, ACheckoutBelowTheEnvironmentIsEditable) {
  InSite("lib-1.dist-info/direct_url.json",
         R"({"dir_info": {"editable": true}, "url": "file://)" + tree_.Folder("home/app/.venv/src/lib") + "\"}");
  EXPECT_TRUE(Profiled("home/app/.venv/src/lib/lib.py"));
}

TEST_F(FileFilterTest, AnotherInterpretersLibrariesAreLibrariesToo) {
  FileFilter filter(options_, python_);
  const std::string module = tree_.Path("home/app/pypath/lib/python3.13t/json.py");
  EXPECT_TRUE(filter.Decide(module).profiled);
  PythonEnvironment other{.base_prefix = tree_.Path("home/app/pypath"), .minor = 13, .free_threaded = true};
  other.prefix = other.base_prefix;
  filter.AddEnvironment(other);
  EXPECT_FALSE(filter.Decide(module).profiled);
}

TEST_F(FileFilterTest, SaysWhichOptionWouldIncludeAFile) {
  EXPECT_EQ(OptionThatIncludes(Row("usr/lib/python3.11/os.py")), "--profile-system-libraries");
  EXPECT_EQ(OptionThatIncludes(Row("opt/x.py")), "--program-path DIR");
  EXPECT_EQ(OptionThatIncludes(Row("<frozen os>")), "--profile-all");
}

}  // namespace
}  // namespace scalene::profile
