#include "collector/shared_ring.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "collector/ring_for_testing.h"

namespace scalene::collector {
namespace {

std::string WhyRefused(const RingDraft& draft) {
  const auto ring = SharedRing::Adopt(MakeRing(draft));
  return ring.ok() ? "adopted" : ring.message();
}

bool Write(WritersEnd& writer, uint32_t bytes, uint8_t fill) {
  const std::vector<uint8_t> body(bytes - sizeof(wire::RecordHeader), fill);
  return writer.Write(wire::RecordType::kNotice, body.data(), static_cast<uint32_t>(body.size()));
}

TEST(SharedRingTest, ReadsWhatTheOtherMappingWrites) {
  UniqueFd memfd = MakeRing({});
  WritersEnd writer(memfd);
  auto ring = SharedRing::Adopt(std::move(memfd));
  ASSERT_TRUE(ring.ok()) << ring.message();
  // More than the ring holds, so that records wrap.
  for (uint8_t fill = 1; fill < 20; ++fill) {
    ASSERT_TRUE(Write(writer, 24'000, fill));
    const auto view = ring->ring().BeginRead();
    ASSERT_EQ(view.size, 24'000u);
    EXPECT_EQ(view.bytes[sizeof(wire::RecordHeader)], fill);
    EXPECT_EQ(view.bytes[view.size - 1], fill);
    ring->ring().EndRead(view);
  }
  EXPECT_TRUE(ring->ring().empty());
}

TEST(SharedRingTest, StaysMappedWhenItIsMoved) {
  UniqueFd memfd = MakeRing({});
  WritersEnd writer(memfd);
  auto adopted = SharedRing::Adopt(std::move(memfd));
  ASSERT_TRUE(adopted.ok()) << adopted.message();
  const SharedRing ring(std::move(adopted).value());
  ASSERT_TRUE(Write(writer, 64, 0xA1));
  EXPECT_EQ(ring.ring().BeginRead().size, 64u);
  EXPECT_EQ(ring.control().magic, wire::kControlMagic);
}

TEST(SharedRingTest, RefusesWhatCouldShrinkUnderneathIt) {
  const std::string expected = "the ring is not a sealed memory file";
  EXPECT_EQ(WhyRefused({.seals = 0}), expected);
  EXPECT_EQ(WhyRefused({.seals = F_SEAL_GROW}), expected);
  EXPECT_EQ(WhyRefused({.seals = F_SEAL_SHRINK}), expected);
}

TEST(SharedRingTest, RefusesWhatIsNoMemoryFile) {
  const std::string expected = "the ring is not a sealed memory file";
  FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(SharedRing::Adopt(UniqueFd(dup(fileno(file)))).message(), expected);
  std::fclose(file);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const UniqueFd write_end(ends[1]);
  EXPECT_EQ(SharedRing::Adopt(UniqueFd(ends[0])).message(), expected);
  EXPECT_EQ(SharedRing::Adopt(UniqueFd()).message(), expected);
}

TEST(SharedRingTest, RefusesSizesThatNoRingHas) {
  const std::string expected = "the ring has an impossible size";
  for (const off_t bytes :
       {off_t{0}, off_t{100}, off_t{wire::kControlBytes}, off_t{wire::kControlBytes + 1},
        off_t{wire::kControlBytes + wire::kMaxRecordBytes / 2}, off_t{wire::kControlBytes + kTestRingBytes - 8},
        off_t{wire::kControlBytes + kTestRingBytes * 3 / 2}, off_t{wire::kControlBytes + (32 << 20)},
        off_t{wire::kControlBytes} + (off_t{1} << 32)}) {
    EXPECT_EQ(WhyRefused({.file_bytes = bytes}), expected) << bytes;
  }
}

TEST(SharedRingTest, RefusesAControlPageOfAnotherVersion) {
  const std::string expected = "the ring is of another version";
  EXPECT_EQ(WhyRefused({.magic = 0}), expected);
  EXPECT_EQ(WhyRefused({.magic = wire::kControlMagic + 1}), expected);
  EXPECT_EQ(WhyRefused({.version = wire::kWireVersion + 1}), expected);
  EXPECT_EQ(WhyRefused({.ring_bytes = 2 * kTestRingBytes}), expected);
}

}  // namespace
}  // namespace scalene::collector
