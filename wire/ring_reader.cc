#include <cstring>

#include "wire/ring_buffer.h"

namespace scalene::wire {
namespace {

bool PlausibleHeader(const RecordHeader& header, uint64_t available) {
  return header.size >= sizeof(RecordHeader) && header.size % 8 == 0 && header.size <= kMaxRecordBytes &&
         header.size <= available && header.check == HeaderCheck(header.size, header.type);
}

// How many bytes lie between tail and head. The other side may write anything into head: what cannot be is nothing.
uint64_t Available(const Control& control, uint64_t ring_bytes) {
  const uint64_t used = control.head.load(std::memory_order_acquire) - control.tail.load(std::memory_order_relaxed);
  return used <= ring_bytes ? used : 0;
}

RecordHeader LoadHeader(const uint8_t* at) {
  // acquire: pairs with the release in EndWrite; the payload is visible once the state says kCommitted.
  const uint64_t word = reinterpret_cast<const std::atomic<uint64_t>*>(at)->load(std::memory_order_acquire);
  return __builtin_bit_cast(RecordHeader, word);
}

}  // namespace

bool RingBuffer::empty() const { return Available(*control_, bytes_) == 0; }

RingBuffer::View RingBuffer::BeginRead() const {
  const uint64_t available = Available(*control_, bytes_);
  if (available < sizeof(RecordHeader)) return {};
  const uint8_t* at = data_ + (control_->tail.load(std::memory_order_relaxed) & mask_);
  const RecordHeader header = LoadHeader(at);
  if (header.state != RecordState::kCommitted || !PlausibleHeader(header, available)) return {};
  return {at, header.size};
}

uint64_t RingBuffer::SkipHole() const {
  uint64_t skipped = 0;
  while (skipped < bytes_ && Available(*control_, bytes_) >= sizeof(RecordHeader) && BeginRead().bytes == nullptr) {
    const uint64_t available = Available(*control_, bytes_);
    const RecordHeader header = LoadHeader(data_ + (control_->tail.load(std::memory_order_relaxed) & mask_));
    const bool reserved = header.state == RecordState::kReserved && PlausibleHeader(header, available);
    const uint64_t step = reserved ? header.size : 8;
    Release(step);
    skipped += step;
  }
  return skipped;
}

void RingBuffer::Release(uint64_t bytes) const {
  const uint64_t tail = control_->tail.load(std::memory_order_relaxed);
  std::memset(data_ + (tail & mask_), 0, bytes);
  // release: pairs with the acquire of tail in BeginWrite; the space is zero before anybody may reserve it.
  control_->tail.store(tail + bytes, std::memory_order_release);
}

}  // namespace scalene::wire
