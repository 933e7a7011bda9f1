// A ring as an agent makes it, and the agent's end of it: for tests that stand in for a process of the run.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "base/unique_fd.h"
#include "collector/shared_ring.h"

namespace scalene::collector {

inline constexpr uint32_t kTestRingBytes = 1 << 17;

// A memory file as an agent makes it; each test spoils one thing.
struct RingDraft {
  off_t file_bytes = wire::kControlBytes + kTestRingBytes;
  int seals = F_SEAL_SHRINK | F_SEAL_GROW;
  uint64_t magic = wire::kControlMagic;
  uint32_t version = wire::kWireVersion;
  uint32_t ring_bytes = kTestRingBytes;
};

inline UniqueFd MakeRing(const RingDraft& draft) {
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

// The agent's end of the same ring.
class WritersEnd {
 public:
  explicit WritersEnd(const UniqueFd& memfd) {
    start_ =
        static_cast<uint8_t*>(mmap(nullptr, kWhole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    constexpr int kProtection = PROT_READ | PROT_WRITE, kFlags = MAP_SHARED | MAP_FIXED;
    mmap(start_, wire::kControlBytes + kTestRingBytes, kProtection, kFlags, memfd.get(), 0);
    mmap(start_ + wire::kControlBytes + kTestRingBytes, kTestRingBytes, kProtection, kFlags, memfd.get(),
         wire::kControlBytes);
    ring_ = wire::RingBuffer(reinterpret_cast<wire::Control*>(start_), start_ + wire::kControlBytes, kTestRingBytes);
  }
  WritersEnd(const WritersEnd&) = delete;
  ~WritersEnd() { munmap(start_, kWhole); }

  // A record of one type whose bytes after the header are these.
  bool Write(wire::RecordType type, const void* body, uint32_t body_bytes) {
    wire::RecordHeader* header = ring_.BeginWrite(body_bytes + static_cast<uint32_t>(sizeof *header), type);
    if (header == nullptr) return false;
    std::memcpy(header + 1, body, body_bytes);
    wire::RingBuffer::EndWrite(header);
    return true;
  }
  wire::Control& control() { return *reinterpret_cast<wire::Control*>(start_); }

 private:
  static constexpr size_t kWhole = wire::kControlBytes + 2 * size_t{kTestRingBytes};
  uint8_t* start_;
  wire::RingBuffer ring_;
};

}  // namespace scalene::collector
