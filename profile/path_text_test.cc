#include "profile/path_text.h"

#include <gtest/gtest.h>

namespace scalene::profile {
namespace {

TEST(PathKeysTest, APathInUtf8IsItsOwnKey) {
  PathKeys keys;
  EXPECT_EQ(keys.KeyFor("/tmp/ä,b.py").key, "/tmp/ä,b.py");
  EXPECT_EQ(keys.KeyFor("/tmp/ä,b.py").bytes, "");
}

TEST(PathKeysTest, BytesThatAreNoTextAreKeptBesideTheKey) {
  PathKeys keys;
  EXPECT_EQ(keys.KeyFor("/tmp/\xE4.py").key, "/tmp/\uFFFD.py");
  EXPECT_EQ(keys.KeyFor("/tmp/\xE4.py").bytes, "/tmp/\xE4.py");
}

TEST(PathKeysTest, PathsThatLookAlikeAreNumbered) {
  PathKeys keys;
  EXPECT_EQ(keys.KeyFor("\xE4").key, "\uFFFD");
  EXPECT_EQ(keys.KeyFor("\xF6").key, "\uFFFD (2)");
  EXPECT_EQ(keys.KeyFor("\xFC").key, "\uFFFD (3)");
  EXPECT_EQ(keys.KeyFor("\xF6").key, "\uFFFD (2)") << "a key, once given, stays";
}

TEST(PathKeysTest, ANumberedKeyNeverTakesThePlaceOfARealPath) {
  PathKeys keys;
  EXPECT_EQ(keys.KeyFor("\xE4").key, "\uFFFD");
  EXPECT_EQ(keys.KeyFor("\uFFFD (2)").key, "\uFFFD (2)");
  EXPECT_EQ(keys.KeyFor("\xF6").key, "\uFFFD (3)");
}

TEST(PathKeysTest, ARealPathThatComesTooLateIsNumberedAndKeepsItsBytes) {
  PathKeys keys;
  keys.KeyFor("\xE4");
  EXPECT_EQ(keys.KeyFor("\uFFFD").key, "\uFFFD (2)");
  EXPECT_EQ(keys.KeyFor("\uFFFD").bytes, "\uFFFD");
}

TEST(PathKeysTest, DifferentTextsOfOneNameGetKeysOfTheirOwn) {
  PathKeys keys;
  EXPECT_EQ(keys.NewKey("<exec@/a.py:3>"), "<exec@/a.py:3>");
  EXPECT_EQ(keys.NewKey("<exec@/a.py:3>"), "<exec@/a.py:3> (2)");
}

}  // namespace
}  // namespace scalene::profile
