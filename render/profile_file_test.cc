#include "render/profile_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "profile/profile_reader.h"
#include "render/sample_document.h"

namespace scalene::render {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class ProfileFileTest : public testing::Test {
 protected:
  ProfileFileTest() {
    directory_ = testing::TempDir() + "profile_file_test.XXXXXX";
    EXPECT_TRUE(mkdtemp(directory_.data()));
  }
  ~ProfileFileTest() override {
    for (const std::string& name : Names()) unlink(In(name).c_str());
    rmdir(directory_.c_str());
  }

  std::string In(const std::string& name) const { return directory_ + "/" + name; }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    DIR* directory = opendir(directory_.c_str());
    while (const dirent* entry = readdir(directory)) {
      if (entry->d_name[0] != '.') names.insert(entry->d_name);
    }
    closedir(directory);
    return names;
  }
  std::string Bytes(const std::string& name) const {
    std::stringstream bytes;
    bytes << std::ifstream(In(name), std::ios::binary).rdbuf();
    return bytes.str();
  }
  std::string directory_;
};

TEST_F(ProfileFileTest, LeavesOneWholeFileAndNothingElse) {
  ASSERT_TRUE(WriteProfileFile(ExampleDocument(), In("p.json")).ok());
  EXPECT_THAT(Names(), ElementsAre("p.json"));
  EXPECT_EQ(profile::ReadProfileFile(In("p.json")).value().elapsed_time_sec, 2);
}

TEST_F(ProfileFileTest, CompressesWhenTheNameSaysSo) {
  ASSERT_TRUE(WriteProfileFile(ExampleDocument(), In("p.json.gz")).ok());
  EXPECT_THAT(Bytes("p.json.gz"), StartsWith("\x1f\x8b"));
  EXPECT_EQ(profile::ReadProfileFile(In("p.json.gz")).value().elapsed_time_sec, 2);
}

TEST_F(ProfileFileTest, KeepsTheModeOfTheFileItReplaces) {
  std::ofstream(In("p.json")) << "old";
  chmod(In("p.json").c_str(), 0640);
  ASSERT_TRUE(WriteProfileFile(ExampleDocument(), In("p.json")).ok());
  struct stat info;
  stat(In("p.json").c_str(), &info);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
}

TEST_F(ProfileFileTest, ALinkStaysALink) {
  std::ofstream(In("target.json")) << "old";
  ASSERT_EQ(symlink("target.json", In("link.json").c_str()), 0);
  ASSERT_TRUE(WriteProfileFile(ExampleDocument(), In("link.json")).ok());
  struct stat info;
  lstat(In("link.json").c_str(), &info);
  EXPECT_TRUE(S_ISLNK(info.st_mode));
  EXPECT_THAT(Bytes("target.json"), StartsWith("{"));
}

TEST_F(ProfileFileTest, WritesIntoAPipe) {
  ASSERT_EQ(mkfifo(In("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = Bytes("pipe"); });
  EXPECT_TRUE(WriteProfileFile(ExampleDocument(), In("pipe")).ok());
  reader.join();
  EXPECT_TRUE(profile::ReadProfile(got).ok());
}

TEST_F(ProfileFileTest, SaysWhyItCannotWriteAndLeavesTheOldFile) {
  const Status nowhere = WriteProfileFile(ExampleDocument(), In("missing/p.json"));
  EXPECT_EQ(nowhere.message(), "cannot write " + In("missing/p.json") + ": No such file or directory");
  EXPECT_EQ(WriteProfileFile(ExampleDocument(), "/dev/full").message(),
            "cannot write /dev/full: No space left on device");
}

TEST_F(ProfileFileTest, AReaderNeverSeesHalfAProfile) {
  ASSERT_TRUE(WriteProfileFile(RichDocument(), In("p.json")).ok());
  const size_t whole = Bytes("p.json").size();
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 100; i++) EXPECT_TRUE(WriteProfileFile(RichDocument(), In("p.json")).ok());
    done = true;
  });
  while (!done) EXPECT_EQ(Bytes("p.json").size(), whole);
  writer.join();
}

}  // namespace
}  // namespace scalene::render
