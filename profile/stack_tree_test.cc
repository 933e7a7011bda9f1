#include "profile/stack_tree.h"

#include <gmock/gmock.h>

namespace scalene::profile {
namespace {

using testing::ElementsAre;

Frame At(const char* name, int line) { return {.name = name, .file_or_module = "/a.py", .line = line}; }

class StackTreeTest : public testing::Test {
 protected:
  void AddStack(std::vector<Frame> frames, double python_sec) {
    document_.combined_stacks.push_back({std::move(frames), 1, {.python_sec = python_sec, .samples = 1}});
  }
  StackTree Tree(double smallest = 0) { return BuildStackTree(document_, nullptr, strings_, smallest); }
  std::vector<std::string> Names(const StackTree& tree) {
    std::vector<std::string> names;
    for (const StringId name : tree.name) names.push_back(strings_.Get(name));
    return names;
  }

  Document document_;
  StringTable strings_;
};

TEST_F(StackTreeTest, HeavierChildrenComeFirstEachWithWhatIsBelowIt) {
  AddStack({At("main", 1), At("light", 2)}, 1);
  AddStack({At("main", 1), At("heavy", 3), At("leaf", 4)}, 3);
  AddStack({At("main", 1)}, 0.5);
  const StackTree tree = Tree();
  EXPECT_THAT(Names(tree), ElementsAre("", "main", "heavy", "leaf", "light"));
  EXPECT_THAT(tree.parent, ElementsAre(0, 0, 1, 2, 1));
  EXPECT_EQ(tree.metrics[0].id, "time");
  EXPECT_THAT(tree.metrics[0].self, ElementsAre(0, 0.5, 0, 3, 1));
  EXPECT_THAT(tree.node_of_stack, ElementsAre(4, 3, 1));
}

TEST_F(StackTreeTest, LightStacksEndInTheirCallersAndLoseNothing) {
  AddStack({At("main", 1), At("heavy", 3)}, 99);
  AddStack({At("main", 1), At("light", 2), At("leaf", 2)}, 1);
  const StackTree tree = Tree(0.05);
  EXPECT_THAT(Names(tree), ElementsAre("", "main", "heavy"));
  EXPECT_THAT(tree.metrics[0].self, ElementsAre(0, 1, 99));
  EXPECT_THAT(tree.node_of_stack, ElementsAre(2, 1));
}

TEST_F(StackTreeTest, HitsShareTheTimeWhereNoSecondsAreKnown) {
  document_.elapsed_time_sec = 8;
  document_.combined_stacks = {{{At("a", 1)}, 3, {}}, {{At("b", 1)}, 1, {}}};
  EXPECT_THAT(Tree().metrics[0].self, ElementsAre(0, 6, 2));
}

TEST_F(StackTreeTest, WaitsAndAwaitsAreMarks) {
  AddStack({At("main", 1), At("[wait] sleep", 1)}, 1);
  EXPECT_THAT(Tree().kind, ElementsAre(NodeKind::kRoot, NodeKind::kPython, NodeKind::kMark));
}

TEST_F(StackTreeTest, AnOlderProfileIsWeighedOnTheSameNodes) {
  AddStack({At("main", 1)}, 1);
  Document before;
  before.combined_stacks = {{{At("main", 1)}, 1, {.python_sec = 4}}, {{At("gone", 1)}, 1, {.python_sec = 2}}};
  const StackTree tree = BuildStackTree(document_, &before, strings_);
  EXPECT_THAT(Names(tree), ElementsAre("", "main", "gone"));
  EXPECT_THAT(tree.metrics[0].self, ElementsAre(0, 1, 0));
  EXPECT_THAT(tree.metrics[0].before, ElementsAre(0, 4, 2));
}

TEST_F(StackTreeTest, ADeepStackNeedsNoDeepRecursion) {
  AddStack(std::vector<Frame>(200'000, At("f", 1)), 1);
  EXPECT_EQ(Tree().size(), 200'001u);
}

}  // namespace
}  // namespace scalene::profile
