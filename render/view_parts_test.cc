// The small parts of a view: widths, visible text, highlighting, curves, colours, why a profile is empty.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "render/footer.h"
#include "render/python_tokens.h"
#include "render/sparkline.h"
#include "render/terminal_palette.h"
#include "render/text_width.h"
#include "render/visible_text.h"

namespace scalene::render {
namespace {

using testing::HasSubstr;

// One letter per byte: . plain, k keyword, d defined name, s string, c comment.
std::string Kinds(PythonTokens& tokens, std::string_view line) {
  std::string kinds;
  for (Token token : tokens.Line(line)) kinds += ".kdsc"[static_cast<size_t>(token)];
  return kinds;
}
std::string Kinds(std::string_view line) {
  PythonTokens tokens;
  return Kinds(tokens, line);
}

TEST(TextWidthTest, CountsCells) {
  EXPECT_EQ(TextWidth("abc"), 3u);
  EXPECT_EQ(TextWidth("\xe6\x90\x8d"), 2u);      // ideograph
  EXPECT_EQ(TextWidth("\xf0\x9f\x90\x8d"), 2u);  // emoji
  EXPECT_EQ(TextWidth("e\xcc\x81"), 1u);         // with a combining accent
  EXPECT_EQ(TextWidth("\xef\xbd\x81"), 2u);      // full-width a
  EXPECT_EQ(TextWidth("\xc3\xa9"), 1u);
}

TEST(VisibleTextTest, ControlCharactersAreShownNotSent) {
  EXPECT_EQ(VisibleText("a\x1b[2Jb", false), "a^[[2Jb");
  EXPECT_EQ(VisibleText(std::string("\0\x7f\r\n", 4), false), "^@^?^M^J");
  EXPECT_EQ(VisibleText("\xc2\x9b", false), "<U+009b>");
}

TEST(VisibleTextTest, CharactersThatReorderTextAreShown) {
  EXPECT_EQ(VisibleText("a\xe2\x80\xae"
                        "b",
                        false),
            "a<U+202e>b");
  EXPECT_EQ(VisibleText("\xef\xbb\xbf", false), "<U+feff>");
}

TEST(VisibleTextTest, AsciiReadersGetQuestionMarks) {
  EXPECT_EQ(VisibleText("caf\xc3\xa9 \xe6\x90\x8d", true), "caf? ??");
  EXPECT_EQ(VisibleText("caf\xe9", true), "caf?");
}

TEST(PythonTokensTest, TellsKeywordsNamesStringsAndComments) {
  EXPECT_EQ(Kinds("def f(x): return 'a' # b"), "kkk.d.....kkkkkk.sss.ccc");
  EXPECT_EQ(Kinds("async def g(): await h"), "kkkkk.kkk.d....kkkkk..");
  EXPECT_EQ(Kinds("class A(B):"), "kkkkk.d....");
}

TEST(PythonTokensTest, KnowsStringsWithPrefixesAndEscapes) {
  EXPECT_EQ(Kinds("x = rb'\\'' + f\"{a}\""), "....ssssss...ssssss");
  EXPECT_EQ(Kinds("format'x'"), "......sss");
}

TEST(PythonTokensTest, AStringMayReachOverLines) {
  PythonTokens tokens;
  EXPECT_EQ(Kinds(tokens, "x = '''one"), "....ssssss");
  EXPECT_EQ(Kinds(tokens, "for 'in' # it"), "sssssssssssss");
  EXPECT_EQ(Kinds(tokens, "end''' if"), "ssssss.kk");
}

TEST(PythonTokensTest, AnOpenQuoteEndsWithItsLine) {
  PythonTokens tokens;
  EXPECT_EQ(Kinds(tokens, "x = 'oops"), "....sssss");
  EXPECT_EQ(Kinds(tokens, "if x"), "kk..");
}

TEST(PythonTokensTest, MatchIsAKeywordOnlyWhereItBeginsAStatement) {
  EXPECT_EQ(Kinds("match point:"), "kkkkk.......");
  EXPECT_EQ(Kinds("match = 3"), ".........");
  EXPECT_EQ(Kinds("re.match(x)"), "...........");
  EXPECT_EQ(Kinds("a.is"), "....");
}

TEST(SparklineTest, DrawsTheHighestValueOfEachSlice) {
  EXPECT_EQ(Sparkline({{0, 0}, {1, 4}, {2, 8}}, 3, false), "▁▅█");
  EXPECT_EQ(Sparkline({{0, 0}, {1, 4}, {2, 8}}, 3, true), "_=#");
  EXPECT_EQ(Sparkline({{0, 8}, {10, 8}}, 4, true), "####");
}

TEST(SparklineTest, NothingToDrawIsBlank) {
  EXPECT_EQ(Sparkline({}, 9, false), "");
  EXPECT_EQ(Sparkline({{5, 3}}, 9, false), "");
  EXPECT_EQ(Sparkline({{0, 0}, {1, 0}}, 9, false), "");
}

TEST(PaletteTest, OnAnUnknownGroundTheTerminalsOwnColoursAreUsed) {
  EXPECT_EQ(Palette(ColorDepth::kTrueColor, Ground::kUnknown).Paint("x", Ink::kTime), "\x1b[34mx\x1b[0m");
  EXPECT_EQ(Palette(ColorDepth::kTrueColor, Ground::kDark).Paint("x", Ink::kTime), "\x1b[38;2;166;196;255mx\x1b[0m");
  EXPECT_EQ(Palette(ColorDepth::k256, Ground::kLight).Paint("x", Ink::kHot), "\x1b[1;38;5;160mx\x1b[0m");
}

TEST(PaletteTest, NoColourAndNothingToSeeStayAsTheyAre) {
  EXPECT_EQ(Palette(ColorDepth::kNone, Ground::kDark).Paint("x", Ink::kHot), "x");
  EXPECT_EQ(Palette(ColorDepth::kSixteen, Ground::kDark).Paint("   ", Ink::kHot), "   ");
}

TEST(PaletteTest, ReadsTheGroundFromTheTerminalsVariable) {
  EXPECT_EQ(GroundOf("15;0"), Ground::kDark);
  EXPECT_EQ(GroundOf("0;default;15"), Ground::kLight);
  EXPECT_EQ(GroundOf(""), Ground::kUnknown);
  EXPECT_EQ(GroundOf("12;default"), Ground::kUnknown);
}

TEST(WhyEmptyTest, TheCountersSayWhy) {
  profile::Document document;
  EXPECT_EQ(WhyEmpty(document), "");
  document.has_ext = true;
  document.elapsed_time_sec = 0.02;
  EXPECT_EQ(WhyEmpty(document), "Nothing was sampled in the 20.000ms that the program ran.");
  document.outside.samples = 412;
  document.outside.files = {{"/usr/lib/python3.11/json/decoder.py", 3}};
  EXPECT_EQ(WhyEmpty(document),
            "412 samples were taken, all outside the profiled files; most in /usr/lib/python3.11/json/decoder.py.");
  document.hidden.count = 1;
  EXPECT_THAT(WhyEmpty(document), HasSubstr("1 file was below the thresholds"));
}

}  // namespace
}  // namespace scalene::render
