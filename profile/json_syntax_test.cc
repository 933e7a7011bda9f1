#include "profile/json_syntax.h"

#include <gtest/gtest.h>

namespace scalene::profile {
namespace {

// Where and why `text` is no JSON: "LINE:COL why", or "".
std::string ErrorOf(std::string_view text) {
  const auto error = FindJsonError(text);
  return error ? LineAndColumn(text, error->offset) + " " + error->why : "";
}

TEST(JsonSyntaxTest, AcceptsJson) {
  for (const char* text :
       {"{}", "[]", " [1, -2.5e+3, \"a\\u00e9\\n\", null, true, false, {\"k\": [[]]}]\n", "0", "\"\xc3\xa9\""}) {
    EXPECT_EQ(ErrorOf(text), "") << text;
  }
}

TEST(JsonSyntaxTest, NamesTheFirstBadPlace) {
  EXPECT_EQ(ErrorOf("{\n  \"a\": 1\n  \"b\": 2}"), "3:3 expected ',' or '}'");
  EXPECT_EQ(ErrorOf("[1,]"), "1:4 expected a value");
  EXPECT_EQ(ErrorOf("{a: 1}"), "1:2 expected a name in quotes");
  EXPECT_EQ(ErrorOf("{\"a\" 1}"), "1:6 expected ':'");
  EXPECT_EQ(ErrorOf("[01]"), "1:2 a number with a leading zero");
  EXPECT_EQ(ErrorOf("[NaN]"), "1:2 expected a value");
  EXPECT_EQ(ErrorOf("[\"\\x\"]"), "1:3 an unknown escape");
  EXPECT_EQ(ErrorOf("[\"\\u12g4\"]"), "1:3 a malformed \\u escape");
  EXPECT_EQ(ErrorOf("[\"a\nb\"]"), "1:4 a control character inside a string");
  EXPECT_EQ(ErrorOf("[\"\xc3\xa9\xff\"]"), "1:4 bytes that are not UTF-8");
  EXPECT_EQ(ErrorOf("{} x"), "1:4 text after the end");
  EXPECT_EQ(ErrorOf("hello"), "1:1 expected a value");
}

TEST(JsonSyntaxTest, SaysWhereACutTextEnds) {
  for (const char* text : {"", "{", "{\"a\": [1, ", "{\"a", "[1", "[tru"}) {
    EXPECT_NE(ErrorOf(text), "") << text;
  }
  EXPECT_EQ(ErrorOf("{\"a\":\n [1"), "2:4 the text ends here, in the middle of something");
}

TEST(JsonSyntaxTest, EndlessNestingIsNoProblem) { EXPECT_NE(ErrorOf(std::string(1'000'000, '[')), ""); }

}  // namespace
}  // namespace scalene::profile
