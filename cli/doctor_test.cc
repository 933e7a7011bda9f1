#include <gtest/gtest.h>

#include "cli/command_doubles.h"
#include "cli/commands.h"
#include "cli/doctor_checks.h"

namespace scalene::cli {
namespace {

// What a machine can do differs; that every question is answered, with a remedy where one is needed, does not.
TEST(DoctorTest, EveryCheckAnswersAndKnowsARemedy) {
  for (const DoctorCheck& check : DoctorChecks()) {
    Finding finding = check.examine(SurroundingsOfThisProcess());
    EXPECT_NE(finding.text, "") << check.name;
    EXPECT_TRUE(finding.is_well || !finding.remedy.empty()) << check.name << ": " << finding.text;
  }
}

TEST(DoctorTest, MissingInterpreterIsFound) {
  Finding finding = ExamineInterpreter(Surroundings());
  EXPECT_FALSE(finding.is_well);
  EXPECT_EQ(finding.text, "none found");
}

TEST(DoctorTest, ArgumentsAreAUsageError) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(RunDoctor({"x"}), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "Scalene: doctor takes no arguments\nusage: scalene doctor\n");
}

}  // namespace
}  // namespace scalene::cli
