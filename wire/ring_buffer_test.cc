#include "wire/ring_buffer.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <thread>
#include <vector>

namespace scalene::wire {
namespace {

constexpr uint32_t kRingBytes = 64 * 1024 * 2;

class RingBufferTest : public testing::Test {
 protected:
  void SetUp() override {
    const int fd = memfd_create("ring", MFD_CLOEXEC);
    ASSERT_EQ(ftruncate(fd, kRingBytes), 0);
    auto* base = static_cast<uint8_t*>(mmap(nullptr, 2 * kRingBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    for (int copy = 0; copy < 2; ++copy) {
      mmap(base + copy * kRingBytes, kRingBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    }
    close(fd);
    data_ = base;
    ring_ = RingBuffer(&control_, data_, kRingBytes);
  }
  void TearDown() override { munmap(data_, 2 * kRingBytes); }

  bool Write(uint32_t value, uint32_t bytes = sizeof(NoticeRecord)) {
    auto* header = ring_.BeginWrite(bytes, RecordType::kNotice);
    if (header == nullptr) return false;
    reinterpret_cast<NoticeRecord*>(header)->detail = static_cast<int32_t>(value);
    RingBuffer::EndWrite(header);
    return true;
  }
  int32_t ReadOne() {
    const auto view = ring_.BeginRead();
    if (view.bytes == nullptr) return -1;
    NoticeRecord record;
    std::memcpy(&record, view.bytes, sizeof record);
    ring_.EndRead(view);
    return record.detail;
  }
  void FillToTheBrim() {
    while (Write(7, 4096)) {
    }
  }

  Control control_{};
  uint8_t* data_ = nullptr;
  RingBuffer ring_;
};

TEST_F(RingBufferTest, GivesBackWhatWasWrittenInOrder) {
  for (uint32_t value = 1; value <= 3; ++value) ASSERT_TRUE(Write(value));
  EXPECT_EQ(ReadOne(), 1);
  EXPECT_EQ(ReadOne(), 2);
  EXPECT_EQ(ReadOne(), 3);
  EXPECT_EQ(ReadOne(), -1);
  EXPECT_TRUE(ring_.empty());
}

TEST_F(RingBufferTest, CountsWhatDidNotFit) {
  FillToTheBrim();
  EXPECT_FALSE(Write(1, 4096));
  EXPECT_EQ(control_.losses.ring_full.load(), 2u);  // the write that ended the filling, and this one
}

TEST_F(RingBufferTest, RefusesRecordsAboveTheLimit) {
  EXPECT_FALSE(Write(1, kMaxRecordBytes + 8));
  EXPECT_EQ(control_.losses.record_too_big.load(), 1u);
}

TEST_F(RingBufferTest, WrapsWithoutSplittingARecord) {
  for (uint32_t value = 0; value < 1000; ++value) {
    ASSERT_TRUE(Write(value, 1000));
    ASSERT_EQ(ReadOne(), static_cast<int32_t>(value));
  }
}

TEST_F(RingBufferTest, DoesNotShowARecordBeforeItIsCommitted) {
  auto* header = ring_.BeginWrite(sizeof(NoticeRecord), RecordType::kNotice);
  ASSERT_TRUE(Write(2));
  EXPECT_EQ(ring_.BeginRead().bytes, nullptr);
  reinterpret_cast<NoticeRecord*>(header)->detail = 1;
  RingBuffer::EndWrite(header);
  EXPECT_EQ(ReadOne(), 1);
  EXPECT_EQ(ReadOne(), 2);
}

TEST_F(RingBufferTest, SkipsTheHoleOfADeadWriter) {
  ASSERT_NE(ring_.BeginWrite(128, RecordType::kNotice), nullptr);  // never committed
  ASSERT_TRUE(Write(2));
  EXPECT_EQ(ring_.SkipHole(), 128u);
  EXPECT_EQ(ReadOne(), 2);
}

TEST_F(RingBufferTest, FindsTheNextRecordBehindGarbage) {
  ASSERT_TRUE(Write(1, 256));
  std::memset(data_, 0xA5, 256);
  ASSERT_TRUE(Write(2));
  EXPECT_EQ(ring_.BeginRead().bytes, nullptr);
  EXPECT_EQ(ring_.SkipHole(), 256u);
  EXPECT_EQ(ReadOne(), 2);
}

TEST_F(RingBufferTest, SurvivesAHeadThatLies) {
  control_.head.store(~0ull - 7);
  EXPECT_EQ(ring_.BeginRead().bytes, nullptr);
}

TEST_F(RingBufferTest, KeepsEveryRecordOfFourWriters) {
  constexpr int kWriters = 4, kEach = 20000;
  std::vector<int> next(kWriters, 0);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([this, writer] {
      for (int i = 0; i < kEach;) i += Write(static_cast<uint32_t>(writer << 24 | i)) ? 1 : 0;
    });
  }
  for (int seen = 0; seen < kWriters * kEach;) {
    const int32_t value = ReadOne();
    if (value < 0) continue;
    ASSERT_EQ(next[value >> 24]++, value & 0xffffff);
    ++seen;
  }
  for (auto& writer : writers) writer.join();
}

}  // namespace
}  // namespace scalene::wire
