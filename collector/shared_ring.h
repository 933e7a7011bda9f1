// SharedRing: the collector's end of a process's ring. The mapping belongs to this object; the other side may be hostile,
// so the memfd must be sealed against shrinking (a shrunk file would raise SIGBUS here) and its size must fit.
// Threads: one owner.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "base/unique_fd.h"
#include "wire/ring_buffer.h"

namespace scalene::collector {

class SharedRing {
 public:
  static Result<SharedRing> Adopt(UniqueFd memfd);
  SharedRing(SharedRing&& other) noexcept;
  SharedRing& operator=(SharedRing&&) = delete;
  ~SharedRing();

  const wire::RingBuffer& ring() const { return ring_; }
  wire::Control& control() const { return *ring_.control(); }

 private:
  SharedRing(uint8_t* start, uint32_t ring_bytes);
  uint8_t* start_;
  uint32_t ring_bytes_;
  wire::RingBuffer ring_;
};

}  // namespace scalene::collector
