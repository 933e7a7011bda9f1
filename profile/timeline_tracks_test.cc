#include "profile/timeline_tracks.h"

#include <gmock/gmock.h>

namespace scalene::profile {
namespace {

using testing::ElementsAre;
using testing::FieldsAre;

Stack StackOf(std::initializer_list<std::string> names, FrameKind last = FrameKind::kPython) {
  Stack stack;
  for (const std::string& name : names) stack.frames.push_back({.name = name});
  stack.frames.back().kind = last;
  return stack;
}

class TimelineTracksTest : public testing::Test {
 protected:
  TimelineTracksTest() {
    document_.combined_stacks = {StackOf({"work"}),
                                 StackOf({"work", "[wait] read"}),
                                 StackOf({"work", "[wait] gil"}),
                                 StackOf({"work", "gc_collect_main"}, FrameKind::kNative),
                                 StackOf({"work", "[await] fetch"}),
                                 StackOf({"work", "[wait] sleep"})};
  }
  Document document_;
};

TEST_F(TimelineTracksTest, EachKindHasItsTrackAndOthersHaveNone) {
  const auto tracks = TracksOf(document_, {{0, 10, 10, 0, 0},
                                           {10, 10, 10, 3, 0},
                                           {20, 10, 10, 1, 0},
                                           {30, 10, 10, 2, 0},
                                           {40, 10, 10, 4, 0},
                                           {50, 10, 10, 5, 0}});
  ASSERT_EQ(tracks.size(), 4u);
  EXPECT_EQ(tracks[0].id, "gc");
  EXPECT_THAT(tracks[0].spans, ElementsAre(FieldsAre(10, 10)));
  EXPECT_EQ(tracks[1].label, "I/O");
  EXPECT_THAT(tracks[1].spans, ElementsAre(FieldsAre(20, 10)));
  EXPECT_THAT(tracks[2].spans, ElementsAre(FieldsAre(30, 10)));
  EXPECT_THAT(tracks[3].spans, ElementsAre(FieldsAre(40, 10)));
}

TEST_F(TimelineTracksTest, SpansOfSeveralThreadsAreOneWhereTheyMeet) {
  const auto tracks = TracksOf(document_, {{0, 50'000, 50'000, 1, 0},
                                           {20'000, 10'000, 10'000, 1, 1},
                                           {51'000, 9'000, 9'000, 1, 1},
                                           {90'000, 10'000, 10'000, 1, 0}});
  ASSERT_EQ(tracks.size(), 1u);
  EXPECT_THAT(tracks[0].spans, ElementsAre(FieldsAre(0, 60'000), FieldsAre(90'000, 10'000)));
}

TEST_F(TimelineTracksTest, APythonFunctionNamedLikeTheCollectorIsNone) {
  document_.combined_stacks = {StackOf({"gc_collect_main"})};
  EXPECT_TRUE(TracksOf(document_, {{0, 10, 10, 0, 0}}).empty());
}

}  // namespace
}  // namespace scalene::profile
