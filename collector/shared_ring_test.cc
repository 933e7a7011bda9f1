#include "collector/shared_ring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstring>

namespace scalene::collector {
namespace {

constexpr uint32_t kRingBytes = 1 << 17;

// A memory file as an agent makes it; each test spoils one thing.
struct Draft {
  off_t file_bytes = wire::kControlBytes + kRingBytes;
  int seals = F_SEAL_SHRINK | F_SEAL_GROW;
  uint64_t magic = wire::kControlMagic;
  uint32_t version = wire::kWireVersion;
  uint32_t ring_bytes = kRingBytes;
};

UniqueFd MakeMemfd(const Draft& draft) {
  UniqueFd memfd(memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(ftruncate(memfd.get(), draft.file_bytes), 0);
  const auto store = [&](const void* value, size_t bytes, size_t offset) {
    if (static_cast<off_t>(offset + bytes) > draft.file_bytes) return;
    EXPECT_EQ(pwrite(memfd.get(), value, bytes, static_cast<off_t>(offset)), static_cast<ssize_t>(bytes));
  };
  store(&draft.magic, sizeof draft.magic, offsetof(wire::Control, magic));
  store(&draft.version, sizeof draft.version, offsetof(wire::Control, version));
  store(&draft.ring_bytes, sizeof draft.ring_bytes, offsetof(wire::Control, ring_bytes));
  EXPECT_EQ(fcntl(memfd.get(), F_ADD_SEALS, draft.seals), 0);
  return memfd;
}

std::string WhyRefused(const Draft& draft) {
  const auto ring = SharedRing::Adopt(MakeMemfd(draft));
  return ring.ok() ? "adopted" : ring.message();
}

// The agent's end of the same ring.
class WritersEnd {
 public:
  explicit WritersEnd(const UniqueFd& memfd) {
    start_ =
        static_cast<uint8_t*>(mmap(nullptr, kWhole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    constexpr int kProtection = PROT_READ | PROT_WRITE, kFlags = MAP_SHARED | MAP_FIXED;
    mmap(start_, wire::kControlBytes + kRingBytes, kProtection, kFlags, memfd.get(), 0);
    mmap(start_ + wire::kControlBytes + kRingBytes, kRingBytes, kProtection, kFlags, memfd.get(), wire::kControlBytes);
    ring_ = wire::RingBuffer(reinterpret_cast<wire::Control*>(start_), start_ + wire::kControlBytes, kRingBytes);
  }
  ~WritersEnd() { munmap(start_, kWhole); }

  bool Write(uint32_t bytes, uint8_t fill) {
    wire::RecordHeader* header = ring_.BeginWrite(bytes, wire::RecordType::kNotice);
    if (header == nullptr) return false;
    std::memset(header + 1, fill, bytes - sizeof *header);
    wire::RingBuffer::EndWrite(header);
    return true;
  }

 private:
  static constexpr size_t kWhole = wire::kControlBytes + 2 * size_t{kRingBytes};
  uint8_t* start_;
  wire::RingBuffer ring_;
};

TEST(SharedRingTest, ReadsWhatTheOtherMappingWrites) {
  UniqueFd memfd = MakeMemfd({});
  WritersEnd writer(memfd);
  auto ring = SharedRing::Adopt(std::move(memfd));
  ASSERT_TRUE(ring.ok()) << ring.message();
  // More than the ring holds, so that records wrap.
  for (uint8_t fill = 1; fill < 20; ++fill) {
    ASSERT_TRUE(writer.Write(24'000, fill));
    const auto view = ring->ring().BeginRead();
    ASSERT_EQ(view.size, 24'000u);
    EXPECT_EQ(view.bytes[sizeof(wire::RecordHeader)], fill);
    EXPECT_EQ(view.bytes[view.size - 1], fill);
    ring->ring().EndRead(view);
  }
  EXPECT_TRUE(ring->ring().empty());
}

TEST(SharedRingTest, StaysMappedWhenItIsMoved) {
  UniqueFd memfd = MakeMemfd({});
  WritersEnd writer(memfd);
  auto adopted = SharedRing::Adopt(std::move(memfd));
  ASSERT_TRUE(adopted.ok()) << adopted.message();
  const SharedRing ring(std::move(adopted).value());
  ASSERT_TRUE(writer.Write(64, 0xA1));
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
        off_t{wire::kControlBytes + wire::kMaxRecordBytes / 2}, off_t{wire::kControlBytes + kRingBytes - 8},
        off_t{wire::kControlBytes + kRingBytes * 3 / 2}, off_t{wire::kControlBytes + (32 << 20)},
        off_t{wire::kControlBytes} + (off_t{1} << 32)}) {
    EXPECT_EQ(WhyRefused({.file_bytes = bytes}), expected) << bytes;
  }
}

TEST(SharedRingTest, RefusesAControlPageOfAnotherVersion) {
  const std::string expected = "the ring is of another version";
  EXPECT_EQ(WhyRefused({.magic = 0}), expected);
  EXPECT_EQ(WhyRefused({.magic = wire::kControlMagic + 1}), expected);
  EXPECT_EQ(WhyRefused({.version = wire::kWireVersion + 1}), expected);
  EXPECT_EQ(WhyRefused({.ring_bytes = 2 * kRingBytes}), expected);
}

}  // namespace
}  // namespace scalene::collector
