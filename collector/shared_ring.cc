#include "collector/shared_ring.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <bit>
#include <cstring>
#include <utility>

namespace scalene::collector {
namespace {

constexpr uint64_t kMaxRingBytes = 16u << 20;

// The number of data bytes, or 0: the file has not the size of a ring.
uint32_t RingBytesOf(int memfd) {
  struct stat info {};
  if (fstat(memfd, &info) != 0 || info.st_size <= wire::kControlBytes) return 0;
  const uint64_t bytes = static_cast<uint64_t>(info.st_size) - wire::kControlBytes;
  const bool fits = bytes <= kMaxRingBytes && std::has_single_bit(bytes) && bytes >= wire::kMaxRecordBytes;
  return fits ? static_cast<uint32_t>(bytes) : 0;
}

bool MapTwice(uint8_t* start, uint32_t bytes, int memfd) {
  const auto map = [memfd](uint8_t* at, size_t length, off_t offset) {
    return mmap(at, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memfd, offset) != MAP_FAILED;
  };
  uint8_t* data = start + wire::kControlBytes;
  return map(start, wire::kControlBytes, 0) && map(data, bytes, wire::kControlBytes) &&
         map(data + bytes, bytes, wire::kControlBytes);
}

size_t MappingBytes(uint32_t ring_bytes) { return wire::kControlBytes + 2 * static_cast<size_t>(ring_bytes); }

}  // namespace

Result<SharedRing> SharedRing::Adopt(UniqueFd memfd) {
  constexpr int kWanted = F_SEAL_SHRINK | F_SEAL_GROW;
  const int seals = fcntl(memfd.get(), F_GET_SEALS);
  if (seals < 0 || (seals & kWanted) != kWanted) return Status::Error("the ring is not a sealed memory file");
  const uint32_t bytes = RingBytesOf(memfd.get());
  if (bytes == 0) return Status::Error("the ring has an impossible size");
  void* start = mmap(nullptr, MappingBytes(bytes), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return Status::Error(std::string("no address space for a ring: ") + std::strerror(errno));
  SharedRing ring(static_cast<uint8_t*>(start), bytes);
  if (!MapTwice(ring.start_, bytes, memfd.get()))
    return Status::Error(std::string("cannot map a ring: ") + std::strerror(errno));
  const wire::Control& control = ring.control();
  if (control.magic != wire::kControlMagic || control.version != wire::kWireVersion || control.ring_bytes != bytes)
    return Status::Error("the ring is of another version");
  return ring;
}

SharedRing::SharedRing(uint8_t* start, uint32_t ring_bytes)
    : start_(start),
      ring_bytes_(ring_bytes),
      ring_(reinterpret_cast<wire::Control*>(start), start + wire::kControlBytes, ring_bytes) {}

SharedRing::SharedRing(SharedRing&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), ring_bytes_(other.ring_bytes_), ring_(other.ring_) {}

SharedRing::~SharedRing() {
  if (start_ != nullptr) munmap(start_, MappingBytes(ring_bytes_));
}

}  // namespace scalene::collector
