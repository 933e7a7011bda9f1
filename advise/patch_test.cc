#include "advise/patch.h"

#include <gtest/gtest.h>
#include <simdjson.h>

namespace scalene::advise {
namespace {

// The cases that the page's own code runs, too (web/src/model/proposed.test.ts).
class PatchTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(parser_.load("patch_cases.json").get(cases_), simdjson::SUCCESS);
    file_ = Text(cases_, "file");
    region_ = {static_cast<int>(int64_t{cases_["start"]}), static_cast<int>(int64_t{cases_["end"]})};
  }
  static std::string Text(simdjson::dom::element from, std::string_view key) {
    std::string_view text;
    return from[key].get(text) == simdjson::SUCCESS ? std::string(text) : "";
  }
  simdjson::dom::array Cases(std::string_view kind) const {
    simdjson::dom::array cases;
    EXPECT_EQ(cases_[kind].get(cases), simdjson::SUCCESS);
    EXPECT_GT(cases.size(), 0u);
    return cases;
  }
  std::string WithAnswer(std::string_view answer) const {
    const Result<std::string> proposed = Proposed(file_, region_, answer, "app.py");
    return proposed.ok() ? proposed.value() : "error: " + proposed.message();
  }

  simdjson::dom::parser parser_;
  simdjson::dom::element cases_;
  std::string file_;
  Region region_;
};

TEST_F(PatchTest, AnswersBecomeTexts) {
  for (const simdjson::dom::element each : Cases("answers")) {
    const std::string error = Text(each, "error");
    EXPECT_EQ(WithAnswer(Text(each, "answer")), error.empty() ? Text(each, "now") : "error: " + error)
        << Text(each, "name");
  }
}

TEST_F(PatchTest, WritesDiffsThatPatchUnderstands) {
  for (const simdjson::dom::element each : Cases("diffs"))
    EXPECT_EQ(UnifiedDiff(Text(each, "before"), Text(each, "now"), "app.py"), Text(each, "diff")) << Text(each, "name");
}

// What we write can be read again, whatever changes.
TEST_F(PatchTest, AppliesItsOwnDiffs) {
  const std::string now = "import os\nimport re\n\ndef f(xs):\n    return sum(xs)\n\n\ndef g(xs):\n    return 0\n";
  EXPECT_EQ(WithAnswer("```diff\n" + UnifiedDiff(file_, now, "app.py") + "```"), now);
}

}  // namespace
}  // namespace scalene::advise
