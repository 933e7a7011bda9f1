#include "wire/decoder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace scalene::wire {
namespace {

// A record's bytes with room for what follows, aligned as DecodeRecord wants it.
template <typename Record>
std::vector<uint64_t> Bytes(Record record, RecordType type, const std::vector<uint8_t>& rest = {}) {
  const uint32_t size = RoundUpToRecord(sizeof(Record) + rest.size());
  record.header = {size, type, RecordState::kCommitted, HeaderCheck(size, type)};
  std::vector<uint64_t> words(size / 8);
  std::memcpy(words.data(), &record, sizeof record);
  if (!rest.empty()) std::memcpy(reinterpret_cast<uint8_t*>(words.data()) + sizeof record, rest.data(), rest.size());
  return words;
}

std::span<const uint8_t> AsBytes(const std::vector<uint64_t>& words) {
  return {reinterpret_cast<const uint8_t*>(words.data()), words.size() * 8};
}

TEST(DecoderTest, ReadsASampleWithItsFrames) {
  SampleRecord sample{};
  sample.pc = 0xA1A2A3A4A5A6A7A8;
  sample.weight_ns = 0xB1B2B3B4;
  sample.tid = 0x71727374;
  sample.frame_count = 2;
  const FrameEntry frames[2] = {{0xC1C2C3C4C5C6C7C8, 0xD1D2D3D4, 0x61626364}, {1, 2, -1}};
  std::vector<uint8_t> rest(sizeof frames);
  std::memcpy(rest.data(), frames, sizeof frames);
  const auto bytes = Bytes(sample, RecordType::kSample, rest);
  const auto event = DecodeRecord(AsBytes(bytes));
  ASSERT_TRUE(event.has_value());
  const auto& decoded = std::get<SampleEvent>(*event);
  EXPECT_EQ(decoded.record.pc, 0xA1A2A3A4A5A6A7A8u);
  EXPECT_EQ(decoded.record.weight_ns, 0xB1B2B3B4u);
  EXPECT_EQ(decoded.record.tid, 0x71727374);
  ASSERT_EQ(decoded.frames.size(), 2u);
  EXPECT_EQ(decoded.frames[0].fingerprint, 0xD1D2D3D4u);
  EXPECT_EQ(decoded.frames[1].offset, -1);
}

TEST(DecoderTest, RefusesASampleThatPromisesMoreFramesThanItHas) {
  SampleRecord sample{};
  sample.frame_count = 3;
  EXPECT_FALSE(DecodeRecord(AsBytes(Bytes(sample, RecordType::kSample))).has_value());
  sample.frame_count = kMaxFrames + 1;
  EXPECT_FALSE(DecodeRecord(AsBytes(Bytes(sample, RecordType::kSample))).has_value());
}

TEST(DecoderTest, ReadsACodeObjectWithStringsAndTable) {
  CodeRecord code{};
  code.first_line = 42;
  code.file = {2, 1, 0, 0};
  code.name = {4, 2, 1, 0};
  code.table_bytes = 3;
  const auto bytes = Bytes(code, RecordType::kCode, {'a', 'b', 'x', 0, 'y', 0, 1, 2, 3});
  const auto event = DecodeRecord(AsBytes(bytes));
  ASSERT_TRUE(event.has_value());
  const auto& decoded = std::get<CodeEvent>(*event);
  EXPECT_EQ(decoded.file.bytes.size(), 2u);
  EXPECT_EQ(decoded.name.kind, 2);
  EXPECT_TRUE(decoded.name.cut);
  ASSERT_EQ(decoded.table.size(), 3u);
  EXPECT_EQ(decoded.table[2], 3);
}

TEST(DecoderTest, RefusesStringsOfImpossibleKindOrLength) {
  CodeRecord code{};
  code.file = {2, 3, 0, 0};
  code.name = {0, 1, 0, 0};
  EXPECT_FALSE(DecodeRecord(AsBytes(Bytes(code, RecordType::kCode, {1, 2}))).has_value());
  code.file = {3, 2, 0, 0};
  EXPECT_FALSE(DecodeRecord(AsBytes(Bytes(code, RecordType::kCode, {1, 2, 3}))).has_value());
  code.file = {0x7fffffff, 1, 0, 0};
  EXPECT_FALSE(DecodeRecord(AsBytes(Bytes(code, RecordType::kCode, {1, 2, 3}))).has_value());
}

TEST(DecoderTest, RefusesUnknownTypesAndShortRecords) {
  NoticeRecord notice{};
  EXPECT_FALSE(DecodeRecord(AsBytes(Bytes(notice, static_cast<RecordType>(200)))).has_value());
  EXPECT_FALSE(DecodeRecord(AsBytes(Bytes(notice, RecordType::kSample))).has_value());
  EXPECT_FALSE(DecodeRecord({}).has_value());
}

}  // namespace
}  // namespace scalene::wire
