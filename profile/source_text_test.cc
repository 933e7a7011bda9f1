#include "profile/source_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "profile/source_encoding.h"
#include "profile/utf8.h"

namespace scalene::profile {
namespace {

using std::string_literals::operator""s;

std::vector<std::string> Lines(const SourceText& source) {
  std::vector<std::string> lines;
  for (int line = 1; line <= source.line_count(); ++line) lines.emplace_back(source.Line(line));
  return lines;
}

class SourceFileTest : public testing::Test {
 protected:
  SourceFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "source_text_test.XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~SourceFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& bytes, const std::string& name = "a.py") {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::vector<std::string> LinesOf(const std::string& bytes) {
    Result<SourceText> source = LoadSource(Write(bytes));
    EXPECT_TRUE(source.ok()) << source.message();
    return Lines(source.value());
  }

  std::filesystem::path folder_;
};

TEST(SourceTextTest, SplitsAtTheThreeNewlinesOfPythonAndKeepsThem) {
  EXPECT_THAT(Lines(SourceText::FromText("a\nb\r\nc\rd")), testing::ElementsAre("a\n", "b\r\n", "c\r", "d"));
}

TEST(SourceTextTest, KeepsFormFeedsAndUnicodeSeparatorsInsideALine) {
  EXPECT_THAT(Lines(SourceText::FromText("\fa\vb\xE2\x80\xA8"
                                         "c\n")),
              testing::ElementsAre("\fa\vb\xE2\x80\xA8"
                                   "c\n"));
}

TEST(SourceTextTest, HasNoLineBehindTheLastNewlineAndNoneInAnEmptyText) {
  EXPECT_EQ(SourceText::FromText("a\n").line_count(), 1);
  EXPECT_EQ(SourceText::FromText("a\n\n").line_count(), 2);
  EXPECT_EQ(SourceText::FromText("").line_count(), 0);
}

TEST(SourceTextTest, ALineThatIsNotThereIsEmpty) {
  const SourceText source = SourceText::FromText("a\n");
  EXPECT_EQ(source.Line(0), "");
  EXPECT_EQ(source.Line(2), "");
}

TEST(SourceTextTest, FindsTheLineOfAByte) {
  const SourceText source = SourceText::FromText("ab\nc\n");
  EXPECT_EQ(source.LineOfByte(0), 1);
  EXPECT_EQ(source.LineOfByte(2), 1);
  EXPECT_EQ(source.LineOfByte(3), 2);
  EXPECT_EQ(source.LineOfByte(99), 2);
  EXPECT_EQ(SourceText().LineOfByte(0), 1);
}

TEST(SourceTextTest, AMissingSourceHasBlankLinesUpToTheLastOneSeen) {
  EXPECT_THAT(Lines(SourceText::EmptyUpTo(2)), testing::ElementsAre("\n", "\n"));
  EXPECT_EQ(SourceText::EmptyUpTo(-1).line_count(), 0);
}

TEST(SourceTextTest, CapturedTextThatIsNotUtf8IsMended) {
  EXPECT_EQ(SourceText::FromText("a\xFF"
                                 "b")
                .text(),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(SourceTextTest, HashesTheTextShown) {
  EXPECT_EQ(SourceText::FromText("").Hash(), 0xcbf29ce484222325u);   // the published basis
  EXPECT_EQ(SourceText::FromText("a").Hash(), 0xaf63dc4c8601ec8cu);  // the published value for "a"
}

TEST_F(SourceFileTest, ReadsUtf8AsItIs) { EXPECT_THAT(LinesOf("x = 'ä'\n"), testing::ElementsAre("x = 'ä'\n")); }

TEST_F(SourceFileTest, DropsTheByteOrderMarkAndNothingElse) {
  EXPECT_THAT(LinesOf("\xEF\xBB\xBFx = 1\ny = 2\n"), testing::ElementsAre("x = 1\n", "y = 2\n"));
}

TEST_F(SourceFileTest, ReadsTheDeclaredEncoding) {
  EXPECT_EQ(LinesOf("# -*- coding: latin-1 -*-\nx = '\xE4'\n")[1], "x = 'ä'\n");
  EXPECT_EQ(LinesOf("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n")[2], "x = '€'\n");
  EXPECT_EQ(LinesOf("# coding: ISO-8859-15\nx = '\xA4'\n")[1], "x = '€'\n");
  EXPECT_EQ(LinesOf("# coding=iso8859_15\nx = '\xA4'\n")[1], "x = '€'\n");
  EXPECT_EQ(LinesOf("# coding: windows-1251\nx = '\xC6'\n")[1], "x = 'Ж'\n");
  EXPECT_EQ(LinesOf("# coding: iso-latin-1-unix\nx = '\xE4'\n")[1], "x = 'ä'\n");
  EXPECT_EQ(LinesOf("# coding: shift_jis\nx = '\x83\x5C'\n")[1], "x = 'ソ'\n");
}

TEST_F(SourceFileTest, BadBytesBecomeReplacementCharacters) {
  EXPECT_EQ(LinesOf("x = '\xE4'\n")[0], "x = '\xEF\xBF\xBD'\n");
  EXPECT_EQ(LinesOf("# coding: ascii\nx = '\xE4'\n")[1], "x = '\xEF\xBF\xBD'\n");
  EXPECT_EQ(LinesOf("# coding: no-such-encoding\nx = '\xE4'\n")[1], "x = '\xEF\xBF\xBD'\n");
  EXPECT_EQ(LinesOf("# coding: utf-8\nx = '\xED\xA0\x80'\n")[1], "x = '\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD'\n");
}

TEST_F(SourceFileTest, AnEncodingInWhichAsciiIsNotItselfIsNotBelieved) {
  EXPECT_EQ(LinesOf("# coding: utf-16\nx = 1\n")[1], "x = 1\n");
}

TEST_F(SourceFileTest, ToleratesNulBytes) {
  EXPECT_THAT(LinesOf("a\0b\nc\n"s), testing::ElementsAre("a\0b\n"s, "c\n"));
}

TEST_F(SourceFileTest, ReadsALineOfTenMegabytes) {
  const auto lines = LinesOf("x = '" + std::string(10 << 20, 'y') + "'\nz = 1\n");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].size(), (10u << 20) + 7);
}

TEST_F(SourceFileTest, ReadsFilesOfAnyName) {
  const Result<SourceText> source = LoadSource(Write("x\n", "a,b \xFF.py"));
  ASSERT_TRUE(source.ok());
  EXPECT_EQ(source.value().line_count(), 1);
}

TEST_F(SourceFileTest, NoticesThatTheFileChangedSinceItWasRead) {
  const std::string path = Write("x = 1\n");
  const Result<SourceText> source = LoadSource(path);
  EXPECT_EQ(source.value().stamp(), StampOf(path).value());
  Write("x = 1234\n");
  EXPECT_NE(source.value().stamp(), StampOf(path).value());
}

TEST_F(SourceFileTest, RefusesWhatIsNoFileAndSaysWhy) {
  EXPECT_THAT(LoadSource(folder_ / "absent.py").message(), testing::EndsWith("absent.py: No such file or directory"));
  EXPECT_THAT(LoadSource(folder_).message(), testing::EndsWith("not a regular file"));
  const std::string fifo = folder_ / "fifo.py";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_FALSE(LoadSource(fifo).ok());
}

TEST(EncodingCookieTest, IsFoundInTheFirstTwoLinesOnly) {
  EXPECT_EQ(EncodingCookie("# coding: a\n"), "a");
  EXPECT_EQ(EncodingCookie("\n# coding: a\n"), "a");
  EXPECT_EQ(EncodingCookie("\r\n# coding: a\r\n"), "a");
  EXPECT_EQ(EncodingCookie("\n\n# coding: a\n"), "");
}

TEST(EncodingCookieTest, IsNotLookedForBehindALineOfCode) {
  EXPECT_EQ(EncodingCookie("x = 1\n# coding: a\n"), "");
  EXPECT_EQ(EncodingCookie("x = 1  # coding: a\n"), "");
}

TEST(EncodingCookieTest, IsWhateverFollowsTheWordCoding) {
  EXPECT_EQ(EncodingCookie("# decoding or coding: utf-8;x"), "utf-8");
  EXPECT_EQ(EncodingCookie("#coding=  latin_1.x y"), "latin_1.x");
  EXPECT_EQ(EncodingCookie("# coding : utf-8"), "");
  EXPECT_EQ(EncodingCookie("# coding:"), "");
}

TEST(Utf8Test, AcceptsExactlyTheWellFormedForms) {
  for (const char* good :
       {"", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsValidUtf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC2", "\xE2\x82", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

TEST(Utf8Test, MendsByteByByte) { EXPECT_EQ(ToValidUtf8("12345678\xFF\xE2\x82z"), "12345678���z"); }

TEST(Utf8Test, WritesEveryCodePoint) {
  for (const auto& [code_point, expected] : std::vector<std::pair<char32_t, std::string>>{
           {U'a', "a"}, {U'ß', "ß"}, {U'€', "€"}, {U'😀', "😀"}, {0xD800, "\uFFFD"}, {0x110000, "\uFFFD"}}) {
    std::string out;
    AppendUtf8(code_point, out);
    EXPECT_EQ(out, expected);
  }
}

}  // namespace
}  // namespace scalene::profile
