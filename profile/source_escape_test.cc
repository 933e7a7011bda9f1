#include "profile/source_escape.h"

#include <gtest/gtest.h>

namespace scalene::profile {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  AppendEscapedSource(text, out);
  return out;
}

TEST(SourceEscapeTest, ReplacesTheThreeCharactersOfMarkup) {
  EXPECT_EQ(Escaped("if a < b & c > d:\n"), "if a \\u003c b \\u0026 c \\u003e d:\n");
  EXPECT_EQ(Escaped("<"), "\\u003c");
  EXPECT_EQ(Escaped(""), "");
}

TEST(SourceEscapeTest, TurnsBackTheseThreeAndNoOthers) {
  EXPECT_EQ(UnescapeSource("a \\u003c b"), "a < b");
  EXPECT_EQ(UnescapeSource("\"\\u00e9\\n\\\\\""), "\"\\u00e9\\n\\\\\"");
  EXPECT_EQ(UnescapeSource("\\u003"), "\\u003");
  EXPECT_EQ(UnescapeSource("\\u003C"), "\\u003C");
}

TEST(SourceEscapeTest, GivesBackWhatItGotUnlessAmbiguous) {
  for (const char* text : {"x", "a&&b<<c>>d", "\\", "\\u00e9", "\\\\u", "<u0026>"}) {
    EXPECT_FALSE(SourceIsAmbiguous(text)) << text;
    EXPECT_EQ(UnescapeSource(Escaped(text)), text);
  }
  for (const char* text : {"s = '\\u003c'", "\\\\u0026", "\\u00e9 \\u003e"})
    EXPECT_TRUE(SourceIsAmbiguous(text)) << text;
}

}  // namespace
}  // namespace scalene::profile
