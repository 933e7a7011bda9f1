#include "profile/line_match.h"

#include <gmock/gmock.h>

namespace scalene::profile {
namespace {

using testing::ElementsAre;

TEST(LineMatchTest, EqualTextsMatchLineByLine) {
  EXPECT_THAT(MatchLines({"a", "b", "b"}, {"a", "b", "b"}), ElementsAre(0, 1, 2));
}

TEST(LineMatchTest, InsertedLinesShiftWhatFollows) {
  EXPECT_THAT(MatchLines({"a", "b", "c"}, {"a", "new", "b", "new", "c"}), ElementsAre(0, 2, 4));
}

TEST(LineMatchTest, ChangedAndRemovedLinesMatchNothing) {
  EXPECT_THAT(MatchLines({"a", "b", "c", "d"}, {"a", "B", "d"}), ElementsAre(0, kNoMatch, kNoMatch, 2));
}

TEST(LineMatchTest, RepeatedLinesMatchBetweenUniqueOnes) {
  EXPECT_THAT(MatchLines({"x", "pass", "y", "pass", "z"}, {"0", "x", "pass", "y", "1", "pass", "z", "2"}),
              ElementsAre(1, 2, 3, 5, 6));
}

TEST(LineMatchTest, MovedLinesKeepTheOrderOfTheMost) {
  EXPECT_THAT(MatchLines({"0", "a", "b", "c", "9"}, {"x", "b", "c", "a", "y"}),
              ElementsAre(kNoMatch, kNoMatch, 1, 2, kNoMatch));
}

TEST(LineMatchTest, NothingMatchesNothing) {
  EXPECT_THAT(MatchLines({}, {"a"}), ElementsAre());
  EXPECT_THAT(MatchLines({"a"}, {}), ElementsAre(kNoMatch));
}

}  // namespace
}  // namespace scalene::profile
