#include "base/cpython/line_table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <sstream>
#include <vector>

#include "base/cpython/interpreters_for_testing.h"
#include "base/sanitized.h"

namespace scalene::cpython {
namespace {

using Table = std::vector<uint8_t>;

constexpr LineTableFormat kAllFormats[] = {LineTableFormat::kLnotab, LineTableFormat::kLineTable310,
                                           LineTableFormat::kLocationTable};

TEST(LineTable, FormatFollowsTheMinorVersion) {
  EXPECT_EQ(FormatFor(8), LineTableFormat::kLnotab);
  EXPECT_EQ(FormatFor(9), LineTableFormat::kLnotab);
  EXPECT_EQ(FormatFor(10), LineTableFormat::kLineTable310);
  EXPECT_EQ(FormatFor(11), LineTableFormat::kLocationTable);
  EXPECT_EQ(FormatFor(15), LineTableFormat::kLocationTable);
}

TEST(LineTable, FrameNotStartedIsOnTheFirstLine) {
  for (LineTableFormat format : kAllFormats) EXPECT_EQ(LineAt(format, {}, 7, -1), 7);
}

TEST(LineTable, LnotabCountsForwardAndBackward) {
  const Table table = {4, 2, 6, 0xff};  // 4 bytes on the first line, 6 bytes two lines down, the rest one line up
  EXPECT_EQ(LineAt(LineTableFormat::kLnotab, table, 10, 2), 10);
  EXPECT_EQ(LineAt(LineTableFormat::kLnotab, table, 10, 4), 12);
  EXPECT_EQ(LineAt(LineTableFormat::kLnotab, table, 10, 10), 11);
  EXPECT_EQ(LineAt(LineTableFormat::kLnotab, table, 10, 1000), 11);
}

TEST(LineTable, InstructionWithoutLineBelongsToTheNearestEarlierLine) {
  const Table table = {4, 1, 4, 0x80, 2, 1};
  EXPECT_EQ(LineAt(LineTableFormat::kLineTable310, table, 10, 6), 0);
  EXPECT_EQ(LineOrNearest(LineTableFormat::kLineTable310, table, 10, 6), 11);
  EXPECT_EQ(LineAt(LineTableFormat::kLineTable310, table, 10, 8), 12);
}

TEST(LineTable, ModuleStartHasLineZeroAndBelongsToTheFirstLine) {
  const Table table = {0x80 | 13 << 3, 0x03};  // one unit, one line up from line 1
  EXPECT_EQ(LineAt(LineTableFormat::kLocationTable, table, 1, 0), 0);
  EXPECT_EQ(LineOrNearest(LineTableFormat::kLocationTable, table, 1, 0), 1);
}

TEST(LineTable, EmptyTableMeansTheFirstLine) {
  for (LineTableFormat format : kAllFormats) EXPECT_EQ(LineOrNearest(format, {}, 5, 100), 5);
}

TEST(LineTable, GarbageGivesAnAnswer) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; round++) {
    Table table(random() % 64);
    for (uint8_t& byte : table) byte = static_cast<uint8_t>(random());
    for (LineTableFormat format : kAllFormats) {
      EXPECT_GE(LineAt(format, table, 3, static_cast<int>(random() % 400)), 0);
      EXPECT_GT(LineOrNearest(format, table, 3, static_cast<int>(random() % 400)), 0);
    }
  }
}

Table FromHex(const std::string& hex) {
  Table bytes;
  if (hex == "-") return bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::strtoul(hex.substr(i, 2).c_str(), nullptr, 16)));
  }
  return bytes;
}

constexpr int kOneOf = kSanitized ? 16 : 1;  // of the code objects

struct Tally {
  int code_objects = 0;
  int units = 0;
  int wrong = 0;
};

// One line of line_table_dump.py against our decoder, for every instruction.
void Compare(const std::string& text, LineTableFormat format, Tally* tally) {
  std::istringstream line(text);
  int first_line, length;
  std::string hex, run;
  line >> first_line >> hex >> length;
  const Table table = FromHex(hex);
  tally->code_objects++;
  while (line >> run) {
    int start, end, expected;
    ASSERT_EQ(std::sscanf(run.c_str(), "%d:%d:%d", &start, &end, &expected), 3) << run;
    for (int offset = start; offset < end && offset < length; offset += 2) {
      tally->units++;
      if (LineAt(format, table, first_line, offset) == expected) continue;
      if (tally->wrong++ < 3) ADD_FAILURE() << "first line " << first_line << ", offset " << offset << ": " << run;
    }
  }
}

TEST(LineTable, AgreesWithEveryInterpreterFound) {
  const std::vector<TestInterpreter> interpreters = FindInterpreters();
  ASSERT_FALSE(interpreters.empty());
  for (const TestInterpreter& interpreter : interpreters) {
    SCOPED_TRACE(interpreter.path);
    std::istringstream dump(OutputOf("'" + interpreter.path + "' -I -S line_table_dump.py"));
    Tally tally;
    int row = 0;
    for (std::string line; std::getline(dump, line);) {
      if (row++ % kOneOf == 0) Compare(line, FormatFor(interpreter.minor), &tally);
    }
    EXPECT_GT(tally.code_objects, 500 / kOneOf);
    EXPECT_EQ(tally.wrong, 0);
    std::cout << "  CPython " << interpreter.version << " (" << interpreter.path << "): " << tally.code_objects
              << " code objects, " << tally.units << " instructions\n";
  }
}

}  // namespace
}  // namespace scalene::cpython
