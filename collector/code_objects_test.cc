#include "collector/code_objects.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string_view>

namespace scalene::collector {
namespace {

constexpr int kMinor = 9;  // its line tables are pairs (bytes, lines)

wire::RawStringView Latin1(std::string_view text) {
  return {{reinterpret_cast<const uint8_t*>(text.data()), text.size()}, 1, false};
}

class CodeObjectsTest : public testing::Test {
 protected:
  // What the agent says about the code at an address.
  static wire::CodeEvent Code(uint64_t address, uint32_t fingerprint, std::string_view name,
                              std::span<const uint8_t> table = {}) {
    wire::CodeEvent event{};
    event.record.address = address;
    event.record.fingerprint = fingerprint;
    event.record.first_line = 10;
    event.record.table_bytes = static_cast<uint32_t>(table.size());
    event.file = Latin1("/app/main.py");
    event.name = Latin1(name);
    event.table = table;
    return event;
  }
  static wire::CodeEvent CodeWithTableAt(uint64_t address, const void* table, size_t bytes) {
    wire::CodeEvent event = Code(address, 1, "large");
    event.record.flags = wire::kCodeTableElsewhere;
    event.record.table_address = reinterpret_cast<uint64_t>(table);
    event.record.table_bytes = static_cast<uint32_t>(bytes);
    return event;
  }
  std::string NameOf(uint64_t address, uint32_t fingerprint) {
    const CodeObject* code = codes_.Find(address, fingerprint);
    return code == nullptr ? "unknown" : code->name;
  }

  CodeObjects codes_{getpid(), kMinor};
};

TEST_F(CodeObjectsTest, KnowsWhatWasDescribed) {
  const uint8_t table[] = {4, 1, 6, 2};
  codes_.Describe(Code(0x7f00, 1, "main", table));
  CodeObject* code = codes_.Find(0x7f00, 1);
  ASSERT_NE(code, nullptr);
  EXPECT_EQ(code->file, "/app/main.py");
  EXPECT_EQ(code->name, "main");
  EXPECT_EQ(code->first_line, 10);
  EXPECT_EQ(code->LineAt(0), 10);
  EXPECT_EQ(code->LineAt(4), 11);
  EXPECT_EQ(code->LineAt(10), 13);
  EXPECT_EQ(code->LineAt(4), 11) << "asked again";
}

TEST_F(CodeObjectsTest, MakesNamesUtf8) {
  wire::CodeEvent event = Code(0x7f00, 1, "");
  const uint8_t wide[] = {0x2c, 0x67, 0x25, 0x00};  // U+672C, %
  event.file = Latin1("/app/caf\xe9.py");
  event.name = {wide, 2, false};
  codes_.Describe(event);
  EXPECT_EQ(codes_.Find(0x7f00, 1)->file, "/app/caf\xc3\xa9.py");
  EXPECT_EQ(codes_.Find(0x7f00, 1)->name, "\xe6\x9c\xac%");
}

TEST_F(CodeObjectsTest, DoesNotKnowWhatWasNot) {
  codes_.Describe(Code(0x7f00, 1, "main"));
  EXPECT_EQ(NameOf(0x7f08, 1), "unknown");
  EXPECT_EQ(NameOf(0x7f00, 2), "unknown");
}

TEST_F(CodeObjectsTest, KeepsApartWhatUsesTheSameAddressLater) {
  codes_.Describe(Code(0x7f00, 1, "first"));
  codes_.Describe(Code(0x7f00, 2, "second"));
  EXPECT_EQ(NameOf(0x7f00, 1), "first");
  EXPECT_EQ(NameOf(0x7f00, 2), "second");
}

TEST_F(CodeObjectsTest, FunctionThatHasNotStartedIsAtItsFirstLine) {
  const uint8_t table[] = {4, 1};
  codes_.Describe(Code(0x7f00, 1, "main", table));
  EXPECT_EQ(codes_.Find(0x7f00, 1)->LineAt(-1), 10);
}

TEST_F(CodeObjectsTest, LinesAreNeverBelowOne) {
  const uint8_t garbage[] = {2, 0x81, 2, 0x81, 2, 0x80};  // falls by more than 100 lines a step
  wire::CodeEvent event = Code(0x7f00, 1, "main", garbage);
  event.record.first_line = -5;
  codes_.Describe(event);
  EXPECT_EQ(codes_.Find(0x7f00, 1)->first_line, 1);
  for (const int32_t offset : {-1, 0, 2, 4, 6, 1'000'000}) EXPECT_GE(codes_.Find(0x7f00, 1)->LineAt(offset), 1);
}

TEST_F(CodeObjectsTest, FetchesALargeTableFromTheProcess) {
  const std::vector<uint8_t> table(100'000, 1);  // a line a byte
  codes_.Describe(CodeWithTableAt(0x7f00, table.data(), table.size()));
  EXPECT_EQ(codes_.Find(0x7f00, 1)->LineAt(49'999), 10 + 49'999);
}

TEST_F(CodeObjectsTest, FallsBackToTheFirstLineWhenTheTableIsGone) {
  codes_.Describe(CodeWithTableAt(0x7f00, nullptr, 100'000));
  EXPECT_EQ(codes_.Find(0x7f00, 1)->LineAt(49'999), 10);
}

TEST_F(CodeObjectsTest, ForgetsWhatHasNotBeenSeenForLongest) {
  const std::vector<uint8_t> large(CodeObjects::kMostTableBytes / 64, 0);
  for (uint64_t address = 1; address <= 64; ++address) codes_.Describe(Code(address, 1, "described", large));
  codes_.Find(1, 1);  // the oldest, but in use
  codes_.Describe(Code(65, 1, "newest", large));
  EXPECT_EQ(NameOf(1, 1), "described");
  EXPECT_EQ(NameOf(2, 1), "unknown");
  EXPECT_EQ(NameOf(20, 1), "unknown");
  EXPECT_EQ(NameOf(64, 1), "described");
  EXPECT_EQ(NameOf(65, 1), "newest");
}

TEST_F(CodeObjectsTest, KeepsMostOfAnyNumberOfDescriptions) {
  for (uint64_t address = 1; address <= CodeObjects::kMost + 10; ++address) codes_.Describe(Code(address, 1, "f"));
  EXPECT_EQ(NameOf(1, 1), "unknown");
  EXPECT_EQ(NameOf(CodeObjects::kMost, 1), "f");
  EXPECT_EQ(NameOf(CodeObjects::kMost + 10, 1), "f");
}

}  // namespace
}  // namespace scalene::collector
