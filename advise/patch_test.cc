#include "advise/patch.h"

#include <gtest/gtest.h>

namespace scalene::advise {
namespace {

constexpr std::string_view kFile =
    "import os\n"
    "\n"
    "def f(xs):\n"
    "    total = 0\n"
    "    for x in xs:\n"
    "        total += x\n"
    "    return total\n"
    "\n"
    "def g(xs):\n"
    "    total = 0\n"
    "    return total\n";
constexpr Region kRegion{3, 7};

std::string WithAnswer(std::string_view answer) {
  const Result<std::string> proposed = Proposed(kFile, kRegion, answer, "app.py");
  return proposed.ok() ? proposed.value() : "error: " + proposed.message();
}

const std::string kWanted =
    "import os\n\ndef f(xs):\n    return sum(xs)\n\ndef g(xs):\n    total = 0\n    return total\n";

TEST(PatchTest, AppliesAPlainDiff) {
  EXPECT_EQ(WithAnswer("Use sum.\n\n```diff\n--- a/app.py\n+++ b/app.py\n@@ -3,5 +3,2 @@\n def f(xs):\n-    total = 0\n"
                       "-    for x in xs:\n-        total += x\n-    return total\n+    return sum(xs)\n```\nDone.\n"),
            kWanted);
}

TEST(PatchTest, FindsTheLinesWhateverTheNumbersSay) {
  for (const char* header : {"@@ -1,5 +1,2 @@", "@@ -90,5 +90,2 @@", "@@ @@", "@@"}) {
    EXPECT_EQ(WithAnswer("```diff\n" + std::string(header) +
                         "\n-    total = 0\n-    for x in xs:\n-        total += x\n-    return total\n+    return "
                         "sum(xs)\n```"),
              kWanted)
        << header;
  }
}

TEST(PatchTest, FindsLinesThatLostTheirIndentation) {
  EXPECT_EQ(
      WithAnswer(
          "```diff\n@@ -4,4 +4,1 @@\n-total = 0\n-for x in xs:\n-    total += x\n-return total\n+return sum(xs)\n```"),
      kWanted);
}

TEST(PatchTest, TakesOneBlockOfCodeForTheRegion) {
  EXPECT_EQ(WithAnswer("Sum is faster:\n```python\ndef f(xs):\n    return sum(xs)\n```\n"), kWanted);
  EXPECT_EQ(WithAnswer("```\n  def f(xs):\n      return sum(xs)\n```"), kWanted);
}

TEST(PatchTest, OfTwoEqualPlacesTheOneInTheRegionIsMeant) {
  EXPECT_NE(WithAnswer("```diff\n@@ -4 +4 @@\n-    total = 0\n+    total = 1\n```").find("def f(xs):\n    total = 1\n"),
            std::string::npos);
  EXPECT_NE(
      WithAnswer("```diff\n@@ -10 +10 @@\n-    total = 0\n+    total = 1\n```").find("def g(xs):\n    total = 1\n"),
      std::string::npos);
}

TEST(PatchTest, AppliesSeveralHunks) {
  EXPECT_EQ(WithAnswer("```diff\n@@ -1,1 +1,2 @@\n import os\n+import math\n@@ -4,4 +5,1 @@\n-    total = 0\n"
                       "-    for x in xs:\n-        total += x\n-    return total\n+    return math.fsum(xs)\n```"),
            "import os\nimport math\n\ndef f(xs):\n    return math.fsum(xs)\n\ndef g(xs):\n    total = 0\n    return "
            "total\n");
}

TEST(PatchTest, RefusesWhatDoesNotFit) {
  EXPECT_EQ(WithAnswer("Nothing can be done."), "error: the answer holds no diff");
  EXPECT_EQ(WithAnswer(""), "error: the answer holds no diff");
  EXPECT_EQ(WithAnswer("```diff\n@@ -1 +1 @@\n-import sys\n+import re\n```"),
            "error: a part of the diff fits nowhere in the file; it begins with: import sys");
  EXPECT_EQ(WithAnswer("```diff\n--- a/x.py\n+++ b/other.py\n@@ -1 +1 @@\n-import os\n+import re\n```"),
            "error: the diff is for another file, other.py");
  EXPECT_EQ(WithAnswer("```diff\n@@ -0,0 +1 @@\n+import re\n```"),
            "error: a part of the diff does not say where it belongs");
  EXPECT_EQ(WithAnswer("```diff\n@@ -1 +1 @@\n-import os\n+import os\n```"), "error: the answer changes nothing");
  EXPECT_EQ(WithAnswer("```diff\n@@ -1 +1 @@\n-import os\n+a\n@@ -1 +1 @@\n-import os\n+b\n```"),
            "error: two parts of the diff change the same lines");
}

TEST(PatchTest, WritesADiffThatPatchUnderstands) {
  EXPECT_EQ(
      UnifiedDiff(kFile, kWanted, "app.py"),
      "--- a/app.py\n+++ b/app.py\n@@ -1,10 +1,7 @@\n import os\n \n def f(xs):\n-    total = 0\n-    for x in xs:\n"
      "-        total += x\n-    return total\n+    return sum(xs)\n \n def g(xs):\n     total = 0\n");
  EXPECT_EQ(UnifiedDiff(kFile, kFile, "app.py"), "");
  EXPECT_EQ(UnifiedDiff("a\n", "a\nb", "x"), "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n a\n+b\n\\ No newline at end of file\n");
}

// What we write can be read again, whatever changes.
TEST(PatchTest, AppliesItsOwnDiffs) {
  const std::string now = "import os\nimport re\n\ndef f(xs):\n    return sum(xs)\n\n\ndef g(xs):\n    return 0\n";
  const Result<std::string> again =
      Proposed(kFile, kRegion, "```diff\n" + UnifiedDiff(kFile, now, "app.py") + "```", "app.py");
  ASSERT_TRUE(again.ok()) << again.message();
  EXPECT_EQ(again.value(), now);
}

}  // namespace
}  // namespace scalene::advise
