#include "profile/path_pattern.h"

#include <gtest/gtest.h>

namespace scalene::profile {
namespace {

PathPattern Pattern(std::string_view text) { return PathPattern(text, "/home/me", "/project"); }
bool Matches(std::string_view pattern, std::string_view path) { return Pattern(pattern).Matches(path, path); }

TEST(PathPatternTest, AnAbsolutePlaceIsThatFileOrWhatIsBelowThatDirectory) {
  EXPECT_TRUE(Matches("/a/b", "/a/b"));
  EXPECT_TRUE(Matches("/a/b", "/a/b/c.py"));
  EXPECT_TRUE(Matches("/a/b/", "/a/b/c.py"));
  EXPECT_FALSE(Matches("/a/b", "/a/bc.py"));
  EXPECT_FALSE(Matches("/a/b", "/x/a/b"));
}

TEST(PathPatternTest, TildeIsHomeAndADotTheWorkingDirectory) {
  EXPECT_TRUE(Matches("~/lib", "/home/me/lib/a.py"));
  EXPECT_TRUE(Matches("~", "/home/me/a.py"));
  EXPECT_TRUE(Matches("./src", "/project/src/a.py"));
  EXPECT_TRUE(Matches("../other", "/other/a.py"));
  EXPECT_FALSE(Matches("~you", "/home/you/a.py"));
}

TEST(PathPatternTest, OtherWordsAreSubstrings) {
  EXPECT_TRUE(Matches("est/ap", "/home/test/app.py"));
  EXPECT_TRUE(Matches("modül", "/home/modül.py"));
  EXPECT_FALSE(Matches("Test", "/home/test/app.py"));
}

TEST(PathPatternTest, SubstringsAndRelativeGlobsLookAtTheTail) {
  EXPECT_FALSE(Pattern("test").Matches("/home/me/test/app/a.py", "app/a.py"));
  EXPECT_FALSE(Pattern("te*t").Matches("/home/me/test/app/a.py", "app/a.py"));
  EXPECT_TRUE(Pattern("/home/me/test").Matches("/home/me/test/app/a.py", "app/a.py"));
}

TEST(PathPatternTest, AGlobMatchesWholeComponentsAndWhatIsBelow) {
  EXPECT_TRUE(Matches("test_*", "/home/app/test_x.py"));
  EXPECT_TRUE(Matches("test_*", "/home/app/test_data/x.py"));
  EXPECT_FALSE(Matches("test_*", "/home/app/my_test_x.py"));
  EXPECT_TRUE(Matches("*.py", "/home/app/x.py"));
  EXPECT_FALSE(Matches("*.py", "/home/app/x.pyc"));
  EXPECT_FALSE(Matches("app?x.py", "/home/app/x.py"));
}

TEST(PathPatternTest, OneStarStaysInAComponentTwoCrossThem) {
  EXPECT_TRUE(Matches("/a/*.py", "/a/x.py"));
  EXPECT_FALSE(Matches("/a/*.py", "/a/b/x.py"));
  EXPECT_TRUE(Matches("/a/**.py", "/a/b/c/x.py"));
  EXPECT_TRUE(Matches("/a/**/x.py", "/a/x.py"));
  EXPECT_TRUE(Matches("/a/**/x.py", "/a/b/c/x.py"));
  EXPECT_FALSE(Matches("/a/**/x.py", "/a/bx.py"));
  EXPECT_TRUE(Matches("**/vendor", "/a/vendor/x.py"));
  EXPECT_TRUE(Matches("/a/**", "/a/b/x.py"));
}

TEST(PathPatternTest, SetsAndQuestionMarksTakeOneCharacterOfAnyAlphabet) {
  EXPECT_TRUE(Matches("x[0-9].py", "/x7.py"));
  EXPECT_FALSE(Matches("x[!0-9].py", "/x7.py"));
  EXPECT_TRUE(Matches("x[äö].py", "/xö.py"));
  EXPECT_TRUE(Matches("x?.py", "/x€.py"));
  EXPECT_TRUE(Matches("[]x]*", "/]"));
  EXPECT_TRUE(Matches("a[b", "/a[b")) << "a bracket that never closes is a bracket";
}

TEST(PathPatternTest, AnAbsoluteGlobStartsAtTheRoot) {
  EXPECT_TRUE(Pattern("/a/*").absolute());
  EXPECT_TRUE(Pattern("~/x?").absolute());
  EXPECT_FALSE(Pattern("a/*").absolute());
  EXPECT_FALSE(Pattern("plain").absolute());
  EXPECT_FALSE(Matches("/b/*", "/a/b/x"));
}

TEST(PathPatternTest, AHostileGlobTakesNoLonger) {
  std::string glob;
  for (int i = 0; i < 200; ++i) glob += "*a";
  EXPECT_FALSE(Matches(glob + "b", "/" + std::string(4000, 'a')));
}

TEST(PathPatternTest, AListIsSeparatedByCommas) {
  EXPECT_EQ(ParsePatterns(" a , b,,/c ", "/home/me", "/project").size(), 3u);
  EXPECT_TRUE(ParsePatterns(" a , b", "", "/").at(1).Matches("/b", "/b"));
  EXPECT_TRUE(ParsePatterns("", "", "/").empty());
}

}  // namespace
}  // namespace scalene::profile
