#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "collector/capture_reader.h"
#include "collector/capture_writer.h"

namespace scalene::collector {
namespace {

constexpr double kInterval = 0.01;

// A record of `bytes` bytes whose content differs from number to number.
std::vector<uint64_t> RecordOf(uint32_t bytes, uint64_t number) {
  std::vector<uint64_t> words(bytes / 8);
  for (size_t i = 1; i < words.size(); ++i) words[i] = number * 0x9e3779b97f4a7c15ull + i * i * 0xbf58476d1ce4e5b9ull;
  const wire::RecordHeader header{bytes, wire::RecordType::kSample, wire::RecordState::kCommitted, 0};
  std::memcpy(words.data(), &header, sizeof header);
  return words;
}

std::span<const uint8_t> AsBytes(const std::vector<uint64_t>& words) {
  return {reinterpret_cast<const uint8_t*>(words.data()), words.size() * 8};
}

class CaptureTest : public testing::Test {
 protected:
  void SetUp() override { path_ = testing::TempDir() + "capture_test." + std::to_string(getpid()); }
  void TearDown() override { unlink(path_.c_str()); }

  std::unique_ptr<CaptureWriter> Writer() {
    return std::move(CaptureWriter::Create(path_, {"python3", "", "a b.py"}, kInterval).value());
  }

  void WriteRecords(uint64_t count, uint32_t bytes = 160) {
    const auto writer = Writer();
    for (uint64_t i = 0; i < count; ++i) writer->Append(100, 0, AsBytes(RecordOf(bytes, i)));
    ASSERT_TRUE(writer->Close().ok());
  }

  std::string Content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Replace(const std::string& content) { std::ofstream(path_, std::ios::binary) << content; }

  // What can be read of the capture, until its end or its first damage.
  struct Reading {
    uint64_t records = 0;
    bool ends_early = false;
    std::string trouble;
  };
  Reading ReadAll(uint32_t bytes = 160) const {
    auto reader = CaptureReader::Open(path_);
    if (!reader.ok()) return {.trouble = reader.message()};
    Reading reading;
    for (;; ++reading.records) {
      const auto record = reader.value().Next();
      if (!record.ok()) reading.trouble = record.message();
      if (!record.ok() || !record.value()) break;
      const auto wanted = RecordOf(bytes, reading.records);
      EXPECT_TRUE(std::ranges::equal(record.value()->bytes, AsBytes(wanted))) << "record " << reading.records;
    }
    reading.ends_early = reader.value().ends_early();
    return reading;
  }

  std::string path_;
};

TEST_F(CaptureTest, GivesBackEveryRecordWithItsProcess) {
  const auto writer = Writer();
  writer->Append(0x71727374, 0, AsBytes(RecordOf(16, 1)));
  writer->Append(12, 0xA1A2A3A4, AsBytes(RecordOf(wire::kMaxRecordBytes, 2)));
  ASSERT_TRUE(writer->Close().ok());

  auto reader = CaptureReader::Open(path_);
  ASSERT_TRUE(reader.ok()) << reader.message();
  auto record = reader.value().Next();
  ASSERT_TRUE(record.ok() && record.value());
  EXPECT_EQ(record.value()->pid, 0x71727374);
  EXPECT_EQ(record.value()->image, 0u);
  EXPECT_EQ(record.value()->bytes.size(), 16u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(record.value()->bytes.data()) % 8, 0u);
  record = reader.value().Next();
  ASSERT_TRUE(record.ok() && record.value());
  EXPECT_EQ(record.value()->image, 0xA1A2A3A4u);
  EXPECT_TRUE(std::ranges::equal(record.value()->bytes, AsBytes(RecordOf(wire::kMaxRecordBytes, 2))));
  record = reader.value().Next();
  ASSERT_TRUE(record.ok());
  EXPECT_FALSE(record.value().has_value());
  EXPECT_FALSE(reader.value().ends_early());
}

TEST_F(CaptureTest, KnowsWhatRanAndWhen) {
  WriteRecords(0);
  const auto reader = CaptureReader::Open(path_);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader.value().command(), (std::vector<std::string>{"python3", "", "a b.py"}));
  EXPECT_EQ(reader.value().header().interval_ns, 10'000'000u);
  EXPECT_GT(reader.value().header().start_realtime_ns, 1'700'000'000'000'000'000);
}

TEST_F(CaptureTest, ReadsMillionsOfBytesInOrder) {
  WriteRecords(20'000);
  const Reading reading = ReadAll();
  EXPECT_EQ(reading.records, 20'000u);
  EXPECT_EQ(reading.trouble, "");
  EXPECT_FALSE(reading.ends_early);
}

TEST_F(CaptureTest, IsReadableUpToTheLastFlushWhenItsWriterIsKilled) {
  const auto writer = Writer();
  for (uint64_t i = 0; i < 50; ++i) writer->Append(100, 0, AsBytes(RecordOf(160, i)));
  usleep(1'050'000);
  writer->FlushIfDue();
  for (uint64_t i = 50; i < 60; ++i) writer->Append(100, 0, AsBytes(RecordOf(160, i)));
  writer->FlushIfDue();  // too early
  const Reading reading = ReadAll();
  EXPECT_EQ(reading.records, 50u);
  EXPECT_EQ(reading.trouble, "");
  EXPECT_TRUE(reading.ends_early);
}

TEST_F(CaptureTest, CutAnywhereStillGivesWholeRecordsOrASentence) {
  WriteRecords(2'000);
  const std::string whole = Content();
  for (size_t size = 0; size < whole.size(); size += size < 100 ? 1 : 4999) {
    Replace(whole.substr(0, size));
    const Reading reading = ReadAll();
    EXPECT_TRUE(reading.ends_early || !reading.trouble.empty()) << size;
    EXPECT_LE(reading.records, 2'000u);
  }
}

TEST_F(CaptureTest, ADamagedByteIsFoundOut) {
  WriteRecords(200);
  const std::string whole = Content();
  for (size_t at = sizeof(CaptureHeader) + 16; at < whole.size(); at += 641) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    Replace(damaged);
    auto reader = CaptureReader::Open(path_);
    ASSERT_TRUE(reader.ok());
    Status status;
    for (bool more = true; more;) {
      const auto record = reader.value().Next();
      status = record.status();
      more = record.ok() && record.value();
    }
    EXPECT_FALSE(status.ok()) << "byte " << at;
  }
}

TEST_F(CaptureTest, RefusesWhatIsNoCapture) {
  EXPECT_EQ(ReadAll().trouble, "capture " + path_ + " not found.");
  for (const char* content :
       {"", "{}", "{\"alloc_samples\": 0, \"files\": {}, \"program\": \"a long enough profile\"}"}) {
    Replace(content);
    EXPECT_EQ(ReadAll().trouble, path_ + " is not a capture ('scalene run --capture FILE' makes one)");
  }
}

TEST_F(CaptureTest, SaysWhichVersionItCannotRead) {
  WriteRecords(1);
  const std::string whole = Content();
  std::string other = whole;
  other[offsetof(CaptureHeader, version)] = 9;
  Replace(other);
  EXPECT_EQ(ReadAll().trouble, "the capture " + path_ + " has a format of version 9, and this scalene reads version 1");
  other = whole;
  other[offsetof(CaptureHeader, wire_version)] = 8;
  Replace(other);
  EXPECT_EQ(ReadAll().trouble, "the capture " + path_ + " has records of version 8, and this scalene reads version " +
                                   std::to_string(wire::kWireVersion));
}

TEST_F(CaptureTest, RefusesAnImpossibleCommand) {
  WriteRecords(1);
  std::string other = Content();
  other[offsetof(CaptureHeader, command_bytes) + 3] = 0x7f;
  Replace(other);
  EXPECT_EQ(ReadAll().trouble, "the capture " + path_ + " is damaged: its command cannot be so long");
}

TEST_F(CaptureTest, RefusesRecordsOfImpossibleSize) {
  for (const uint32_t bytes : {0u, 4u, 12u, wire::kMaxRecordBytes + 8}) {
    const auto writer = Writer();
    const std::vector<uint8_t> record(bytes);
    writer->Append(1, 0, record);
    ASSERT_TRUE(writer->Close().ok());
    EXPECT_EQ(ReadAll().trouble,
              "the capture " + path_ + " is damaged: no record has " + std::to_string(bytes) + " bytes");
  }
}

TEST_F(CaptureTest, CutsACommandThatIsTooLong) {
  auto writer = CaptureWriter::Create(path_, {std::string(100'000, 'x'), "y"}, kInterval);
  ASSERT_TRUE(writer.ok() && writer.value()->Close().ok());
  const auto reader = CaptureReader::Open(path_);
  ASSERT_TRUE(reader.ok()) << reader.message();
  ASSERT_EQ(reader.value().command().size(), 1u);
  EXPECT_EQ(reader.value().command()[0].size(), kMaxCommandBytes);
}

TEST_F(CaptureTest, AWriteThatFailsLaterEndsTheCaptureAndIsToldAtTheEnd) {
  const auto writer = Writer();
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{300'000, before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  for (uint64_t i = 0; i < 5'000; ++i) writer->Append(100, 0, AsBytes(RecordOf(160, i)));
  const Status status = writer->Close();
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(status.message(), "cannot write the capture " + path_ + ": File too large");
  const Reading reading = ReadAll();
  EXPECT_GT(reading.records, 100u);
  EXPECT_EQ(reading.trouble, "");
  EXPECT_TRUE(reading.ends_early);
}

TEST(CaptureWriterTest, AFullDiskIsToldBeforeTheRun) {
  const auto writer = CaptureWriter::Create("/dev/full", {}, kInterval);
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.message(), "cannot write the capture /dev/full: No space left on device");
}

TEST(CaptureWriterTest, SaysWhyItCannotWriteThere) {
  const auto writer = CaptureWriter::Create("/nowhere/at/all", {}, kInterval);
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.message(), "cannot write the capture /nowhere/at/all: No such file or directory");
}

}  // namespace
}  // namespace scalene::collector
