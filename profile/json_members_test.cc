#include "profile/json_members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "profile/profile_input.h"

namespace scalene::profile {
namespace {

using testing::ElementsAre;

// "name=value" of every member, and what stands behind the object.
std::vector<std::string> MembersOf(std::string_view text) {
  const PaddedText padded(text);
  std::vector<std::string> found;
  JsonMembers members(padded.text().data());
  while (members.Next()) {
    const std::string name(members.name());
    found.push_back(name + "=" + std::string(members.Skip()));
  }
  found.emplace_back(members.end());
  return found;
}

TEST(JsonMembersTest, CutsAnObjectIntoItsMembers) {
  EXPECT_THAT(MembersOf("{}"), ElementsAre(""));
  EXPECT_THAT(MembersOf(R"( { "a" : 1 , "b":[2,{"c":3}],"c\"d": "e}" ,"f":null}, rest)"),
              ElementsAre("a=1", R"(b=[2,{"c":3}])", R"(c\"d="e}")", "f=null", ", rest"));
}

TEST(JsonMembersTest, PassesOverWhatNobodySkipped) {
  const PaddedText padded(R"({"a": {"b": [1]}, "c": 2})");
  std::string names;
  for (JsonMembers members(padded.text().data()); members.Next();) names += members.name();
  EXPECT_EQ(names, "ac");
}

TEST(JsonMembersTest, GoesOnBehindAnObjectThatWasLookedInto) {
  const PaddedText padded(R"({"a": {"b": [1]}, "c": 2})");
  JsonMembers outer(padded.text().data());
  ASSERT_TRUE(outer.Next());
  JsonMembers inner(outer.value());
  while (inner.Next()) EXPECT_EQ(inner.name(), "b");
  outer.SkipTo(inner.end());
  ASSERT_TRUE(outer.Next());
  EXPECT_EQ(outer.name(), "c");
  EXPECT_FALSE(outer.Next());
}

// Brackets inside of strings, and quotes behind any number of backslashes, at every place within a block of 64.
TEST(JsonMembersTest, FindsTheEndOfEveryValue) {
  for (size_t length = 0; length < 140; length++) {
    for (size_t slashes = 0; slashes < 5; slashes++) {
      const std::string text = std::string(length, 'x') + std::string(2 * slashes, '\\') + R"(]}[{\"}])";
      const std::string value = "[{\"a\": \"" + text + "\", \"b\": [[{}]]}]";
      EXPECT_THAT(MembersOf("{\"v\": " + value + "} rest"), ElementsAre("v=" + value, " rest")) << length << slashes;
    }
  }
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(MembersOf("{\"v\": " + deep + "}"), ElementsAre("v=" + deep, ""));
}

TEST(JsonMembersTest, RefusesWhatIsNoObject) {
  for (const char* text : {"", "[]", "{", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\": 1", "{\"a\": 1 \"b\": 2}",
                           "{\"a\": 1,}", "{\"a\": [}", "{\"a\": {\"b\": \"}}", "{\"a", "{\"a\\", "{a: 1}"}) {
    EXPECT_THROW(MembersOf(text), ReadFailure) << text;
  }
}

}  // namespace
}  // namespace scalene::profile
