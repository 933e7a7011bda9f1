#include "profile/marked_functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scalene::profile {
namespace {

const Outline kOutline =
    Outline::Of(SourceText::FromText("@profile\n"           // 1
                                     "def f():\n"           // 2
                                     "    def g():\n"       // 3
                                     "        return 1\n"   // 4
                                     "    return g\n"       // 5
                                     "x = f()\n"            // 6
                                     "class C:\n"           // 7
                                     "    @other\n"         // 8
                                     "    @profile\n"       // 9
                                     "    def m(self):\n"   // 10
                                     "        return [y\n"  // 11
                                     "                for y in self]\n"));

TEST(MarkedFunctionsTest, HoldTheirLinesAndNestedCodeAndNothingElse) {
  MarkedFunctions marked;
  EXPECT_TRUE(marked.empty());
  marked.Add("/a.py", 1);
  marked.Add("/a.py", 8);
  for (int line : {1, 2, 4, 5, 8, 10, 12}) EXPECT_TRUE(marked.Holds("/a.py", line, kOutline)) << line;
  for (int line : {0, 6, 7, 13}) EXPECT_FALSE(marked.Holds("/a.py", line, kOutline)) << line;
  EXPECT_FALSE(marked.Holds("/b.py", 2, kOutline));
  EXPECT_TRUE(marked.HasFile("/a.py"));
  EXPECT_FALSE(marked.HasFile("/b.py"));
}

TEST(MarkedFunctionsTest, ExtentsOfNestedMarksAreJoined) {
  MarkedFunctions marked;
  marked.Add("/a.py", 3);
  marked.Add("/a.py", 1);
  EXPECT_THAT(marked.ExtentsIn("/a.py", kOutline), testing::ElementsAre(LineExtent{1, 5}));
}

TEST(MarkedFunctionsTest, WithoutASourceAFunctionEndsWhereItWasLastSeen) {
  MarkedFunctions marked;
  marked.Add("<exec@/a.py:1>", 3, 7);
  marked.Add("<exec@/a.py:1>", 3, 5);
  EXPECT_TRUE(marked.Holds("<exec@/a.py:1>", 7, Outline()));
  EXPECT_FALSE(marked.Holds("<exec@/a.py:1>", 8, Outline()));
}

}  // namespace
}  // namespace scalene::profile
