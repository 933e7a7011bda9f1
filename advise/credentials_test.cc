#include "advise/credentials.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace scalene::advise {
namespace {

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    std::string name = testing::TempDir() + "credentials-XXXXXX";
    folder_ = mkdtemp(name.data());
    file_ = folder_ + "/config/scalene/credentials";
  }
  ~CredentialsTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& text, mode_t mode = 0600) {
    std::filesystem::create_directories(folder_ + "/config/scalene");
    std::ofstream(file_) << text;
    chmod(file_.c_str(), mode);
  }
  std::string Text() const {
    std::stringstream text;
    text << std::ifstream(file_).rdbuf();
    return text.str();
  }
  mode_t ModeOf(const std::string& path) const {
    struct stat info {};
    stat(path.c_str(), &info);
    return info.st_mode & 07777;
  }
  std::string Remembered(const std::string& name, const std::string& value) const {
    return RememberCredential(file_, name, value).message();
  }

  std::string folder_, file_;
};

TEST_F(CredentialsTest, TheFirstKeyMakesAPrivateFileInPrivateFolders) {
  EXPECT_EQ(Remembered("OPENAI_API_KEY", "sk-1"), "");
  EXPECT_EQ(Text(), "OPENAI_API_KEY=sk-1\n");
  EXPECT_EQ(ModeOf(file_), 0600u);
  EXPECT_EQ(ModeOf(folder_ + "/config/scalene"), 0700u);
  EXPECT_EQ(ModeOf(folder_ + "/config"), 0700u);
}

TEST_F(CredentialsTest, OnlyTheNamedLineChanges) {
  Write("# mine\nexport A_KEY=\"one\"\n\nB_KEY=two\nA_KEY=again");
  EXPECT_EQ(Remembered("A_KEY", "new"), "");
  EXPECT_EQ(Text(), "# mine\nA_KEY=new\n\nB_KEY=two\n");
  EXPECT_EQ(Remembered("C_KEY", "three"), "");
  EXPECT_EQ(Text(), "# mine\nA_KEY=new\n\nB_KEY=two\nC_KEY=three\n");
  std::string warning;
  const auto values = ReadCredentials(file_, warning);
  EXPECT_EQ(values, (std::map<std::string, std::string>{{"A_KEY", "new"}, {"B_KEY", "two"}, {"C_KEY", "three"}}));
  EXPECT_EQ(warning, "");
}

TEST_F(CredentialsTest, NothingIsLeftBeside) {
  Write("A_KEY=1\n");
  EXPECT_EQ(Remembered("A_KEY", "2"), "");
  const auto entries = std::filesystem::directory_iterator(folder_ + "/config/scalene");
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(CredentialsTest, ALinkStaysOne) {
  Write("A_KEY=1\n");
  std::filesystem::rename(file_, folder_ + "/elsewhere");
  std::filesystem::create_symlink(folder_ + "/elsewhere", file_);
  EXPECT_EQ(Remembered("A_KEY", "2"), "");
  EXPECT_TRUE(std::filesystem::is_symlink(file_));
  EXPECT_EQ(Text(), "A_KEY=2\n");
}

TEST_F(CredentialsTest, WhatOthersMayReadIsNeitherUsedNorAdopted) {
  Write("A_KEY=1\n", 0640);
  std::string warning;
  EXPECT_TRUE(ReadCredentials(file_, warning).empty());
  EXPECT_NE(warning.find("can be read by others"), std::string::npos);
  EXPECT_NE(Remembered("A_KEY", "2").find("chmod 600"), std::string::npos);
  EXPECT_EQ(Text(), "A_KEY=1\n");
}

TEST_F(CredentialsTest, WhatCannotBeWrittenIsSaid) {
  EXPECT_EQ(RememberCredential("", "A", "1").message(), "there is no folder for it: HOME is not set");
  std::ofstream(folder_ + "/config") << "a file";
  EXPECT_NE(Remembered("A", "1"), "");
  EXPECT_EQ(RememberCredential("/proc/none/scalene/credentials", "A", "1").message(),
            "cannot make the folder /proc/none: No such file or directory");
}

TEST_F(CredentialsTest, AFileThatIsTooLargeIsLeftAlone) {
  Write(std::string(100'000, '#'));
  EXPECT_NE(Remembered("A", "1").find("cannot be read"), std::string::npos);
  EXPECT_EQ(Text().size(), 100'000u);
}

TEST_F(CredentialsTest, AKeyCannotBringALineOfItsOwn) {
  for (const char* key : {"", "a\nB=2", "a b", "\"a\"", "a\r"}) EXPECT_NE(Remembered("A", key), "") << key;
  EXPECT_FALSE(std::filesystem::exists(file_));
}

}  // namespace
}  // namespace scalene::advise
