#include "advise/model_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace scalene::advise {
namespace {

using Names = std::vector<std::string>;
constexpr time_t kNow = 1'800'000'000;
constexpr time_t kDay = 24 * 60 * 60;

class ModelCacheTest : public testing::Test {
 protected:
  ModelCacheTest() {
    std::string name = testing::TempDir() + "models-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~ModelCacheTest() override { std::filesystem::remove_all(folder_); }

  ModelCache Cache() const { return ModelCache(folder_ + "/cache/scalene"); }
  std::string OnlyFile() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/cache/scalene")) return entry.path();
    return {};
  }

  std::string folder_;
  const Provider& openai_ = *FindProvider("openai");
  const Settings plain_;
};

TEST_F(ModelCacheTest, NamesAreKeptForADay) {
  const Names names{"small", "lärge \"x\""};
  EXPECT_FALSE(Cache().Find(openai_, plain_, kNow));
  Cache().Keep(openai_, plain_, kNow, names);
  EXPECT_EQ(Cache().Find(openai_, plain_, kNow), names);
  EXPECT_EQ(Cache().Find(openai_, plain_, kNow + kDay - 1), names);
  EXPECT_FALSE(Cache().Find(openai_, plain_, kNow + kDay));
  EXPECT_FALSE(Cache().Find(openai_, plain_, kNow - 1)) << "a clock that was set back";
}

TEST_F(ModelCacheTest, EachServiceAndAddressHasItsOwn) {
  Cache().Keep(openai_, plain_, kNow, {"a"});
  EXPECT_FALSE(Cache().Find(*FindProvider("anthropic"), plain_, kNow));
  EXPECT_FALSE(Cache().Find(openai_, plain_.With("SCALENE_AI_ADDRESS", "https://other.example"), kNow));
}

TEST_F(ModelCacheTest, TheFileIsPrivateAndHoldsNeitherKeyNorAddress) {
  const Settings settings =
      plain_.With("OPENAI_API_KEY", "sk-secret-marker").With("SCALENE_AI_ADDRESS", "https://host.example/token-marker");
  Cache().Keep(openai_, settings, kNow, {"a"});
  struct stat info {};
  stat(OnlyFile().c_str(), &info);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  stat((folder_ + "/cache/scalene").c_str(), &info);
  EXPECT_EQ(info.st_mode & 07777, 0700u);
  std::stringstream text;
  text << OnlyFile() << std::ifstream(OnlyFile()).rdbuf();
  EXPECT_EQ(text.str().find("marker"), std::string::npos);
  EXPECT_EQ(text.str().find("host.example"), std::string::npos);
}

TEST_F(ModelCacheTest, WhatIsDamagedIsAsIfItWereNotThere) {
  Cache().Keep(openai_, plain_, kNow, {"a"});
  const std::string file = OnlyFile();
  for (const char* text :
       {"", "{", "[]", "{\"fetched\": \"x\", \"models\": [\"a\"]}", "{\"models\": [\"a\"]}",
        "{\"fetched\": 1800000000}", "{\"fetched\": 1800000000, \"models\": [1]}",
        "{\"fetched\": 1800000000, \"models\": []}", "{\"fetched\": -9223372036854775807, \"models\": [\"a\"]}"}) {
    std::ofstream(file, std::ios::trunc) << text;
    EXPECT_FALSE(Cache().Find(openai_, plain_, kNow)) << text;
  }
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  EXPECT_FALSE(Cache().Find(openai_, plain_, kNow));
  Cache().Keep(openai_, plain_, kNow, {"b"});
  EXPECT_FALSE(Cache().Find(openai_, plain_, kNow));
}

TEST_F(ModelCacheTest, WithoutAPlaceNothingIsKept) {
  for (const char* folder : {"", "/proc/none/scalene", "/dev/null/scalene"}) {
    const ModelCache cache{folder};
    cache.Keep(openai_, plain_, kNow, {"a"});
    EXPECT_FALSE(cache.Find(openai_, plain_, kNow)) << folder;
  }
}

}  // namespace
}  // namespace scalene::advise
