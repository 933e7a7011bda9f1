#include "profile/format.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <functional>
#include <map>

namespace scalene::profile {
namespace {

using Formatter = std::function<std::string(double)>;

const std::map<std::string_view, Formatter> kFormatters = {
    {"seconds", FormatSeconds},
    {"mebibytes", FormatMebibytes},
    {"compact_mebibytes", FormatCompactMebibytes},
    {"whole", FormatWhole},
    {"tenths", FormatTenths},
    {"hundredths", FormatHundredths},
    {"count", [](double value) { return FormatCount(static_cast<long long>(value)); }},
};

TEST(FormatTest, AgreesWithEveryCaseThatThePageRunsToo) {
  simdjson::dom::parser parser;
  simdjson::dom::object groups;
  ASSERT_EQ(parser.load("format_cases.json").get(groups), simdjson::SUCCESS);
  size_t tried = 0;
  for (auto group : groups) {
    const auto formatter = kFormatters.find(group.key);
    ASSERT_NE(formatter, kFormatters.end()) << group.key;
    for (simdjson::dom::element one : group.value) {
      EXPECT_EQ(formatter->second(one.at(0)), std::string_view(one.at(1))) << group.key << " " << double(one.at(0));
      tried++;
    }
  }
  EXPECT_GT(tried, 40u);
}

TEST(FormatTest, SurvivesValuesThatAreNoProfileData) {
  EXPECT_EQ(FormatSeconds(std::numeric_limits<double>::quiet_NaN()), "?");
  EXPECT_EQ(FormatTenths(1e300), "very large");
}

}  // namespace
}  // namespace scalene::profile
