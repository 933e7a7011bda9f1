// What is said and how: suggestions, quoting, the last message, colours.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/nearest.h"
#include "cli/saved_message.h"
#include "cli/terminal_style.h"

namespace scalene::cli {
namespace {

TEST(NearestTest, FindsSlipsOfTheFinger) {
  EXPECT_EQ(EditDistance("view", "veiw"), 1);
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(NearestName("veiw", {"run", "view"}), "view");
  EXPECT_EQ(NearestName("mem", {"gpu", "memory"}), "memory");
  EXPECT_EQ(NearestName("xyzzy", {"run", "view"}), "");
  EXPECT_EQ(DidYouMean("rnu", {"run"}, "--"), "; did you mean '--run'?");
}

TEST(SavedMessageTest, LeavesTheNameOutOnlyForTheDefaultFile) {
  EXPECT_EQ(SavedMessage("scalene-profile.json"),
            "Scalene: profile saved to scalene-profile.json\n"
            "  To view in browser:  scalene view\n"
            "  To view in terminal: scalene view --cli\n");
  EXPECT_EQ(SavedMessage("out/scalene-profile.json"),
            "Scalene: profile saved to out/scalene-profile.json\n"
            "  To view in browser:  scalene view out/scalene-profile.json\n"
            "  To view in terminal: scalene view --cli out/scalene-profile.json\n");
}

TEST(SavedMessageTest, CommandsCanBePasted) {
  EXPECT_THAT(SavedMessage("it's a run.json"), ::testing::HasSubstr("scalene view 'it'\\''s a run.json'\n"));
  EXPECT_THAT(SavedMessage("-x.json"), ::testing::HasSubstr("scalene view ./-x.json\n"));
  EXPECT_EQ(ShellQuoted(""), "''");
}

// Each test sets the variables it is about; the others are gone.
class ColorTest : public ::testing::Test {
 protected:
  ColorTest() {
    for (const char* name : {"NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "TERM", "COLORTERM"}) {
      unsetenv(name);
    }
    EXPECT_EQ(pipe(ends_), 0);
  }
  ~ColorTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  int pipe_end() const { return ends_[1]; }
  int ends_[2];
};

TEST_F(ColorTest, PipesStayPlainUnlessForced) {
  EXPECT_FALSE(UseColor(pipe_end()));
  setenv("FORCE_COLOR", "0", 1);
  EXPECT_FALSE(UseColor(pipe_end()));
  setenv("FORCE_COLOR", "1", 1);
  EXPECT_TRUE(UseColor(pipe_end()));
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(UseColor(pipe_end()));
  EXPECT_TRUE(UseColor(pipe_end(), ColorChoice::kAlways));
  EXPECT_FALSE(UseColor(pipe_end(), ColorChoice::kNever));
}

TEST_F(ColorTest, EmptyNoColorIsNotSet) {
  setenv("NO_COLOR", "", 1);
  setenv("CLICOLOR_FORCE", "1", 1);
  EXPECT_TRUE(UseColor(pipe_end()));
}

TEST_F(ColorTest, DepthFollowsTheTerminal) {
  EXPECT_EQ(DepthOfColor(pipe_end()), ColorDepth::kNone);
  EXPECT_EQ(DepthOfColor(pipe_end(), ColorChoice::kAlways), ColorDepth::kSixteen);
  setenv("TERM", "xterm-256color", 1);
  EXPECT_EQ(DepthOfColor(pipe_end(), ColorChoice::kAlways), ColorDepth::k256);
  setenv("COLORTERM", "truecolor", 1);
  EXPECT_EQ(DepthOfColor(pipe_end(), ColorChoice::kAlways), ColorDepth::kTrueColor);
}

TEST_F(ColorTest, TextIsWrappedOnlyInColour) {
  EXPECT_EQ(Styled("x", Style::kRed, true), "\033[31mx\033[0m");
  EXPECT_EQ(Styled("x", Style::kRed, false), "x");
  EXPECT_EQ(Styled("x", Style::kPlain, true), "x");
}

}  // namespace
}  // namespace scalene::cli
