// RingBuffer: records from several threads of one process to one reader in another, through a sealed memfd.
//
//   offset 0          kControlBytes                      kControlBytes + ring_bytes
//   ├─ Control ───────┼─ data, mapped twice in a row ─────┤
//
// The data are mapped twice, one copy behind the other, so a record that wraps is contiguous for writer and reader.
//
// Thread safety: any number of writers, signal handlers included; one reader. Writers never wait: a record that does not
// fit is dropped and counted.
// Invariants: tail <= head <= tail + ring_bytes. Free space is all zero, so an unwritten header reads as kFree.
// A writer reserves with one compare-and-swap, writes its header as kReserved, then the payload, then kCommitted. A
// writer that dies in between leaves a hole: at the end of the process the reader skips it and counts the bytes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "wire/records.h"

namespace scalene::wire {

inline constexpr uint64_t kControlMagic = 0x324e4c41'43533a52ull;  // changes with the layout of Control
inline constexpr uint32_t kControlBytes = 4096;
inline constexpr uint32_t kDefaultRingBytes = 1 << 20;  // 8 threads x 100 samples/s x 600 bytes fill it in 2 s

// Losses that only the writers see. They merge by addition.
struct TransportLosses {
  std::atomic<uint64_t> ring_full, record_too_big;
};

// Bytes that the process holds, as its allocators hold them. The truth: records only add when and where. Threads add what
// changed since they last did, so a thread that sleeps keeps up to kUnpublishedBytes to itself (agent/footprint.h).
struct MemoryCounters {
  std::atomic<int64_t> python_live, native_live;          // since the image began
  std::atomic<int64_t> python_at_start, native_at_start;  // when recording began
  std::atomic<int64_t> highest, highest_python;           // most since recording began, and Python's part of it
  std::atomic<int64_t> recent_highest;                    // since the collector last set it to 0
  std::atomic<uint64_t> allocated;                        // bytes asked for since the program started
  std::atomic<uint64_t> python_estimated;                 // 1: the interpreter's allocator does not tell what it frees
  std::atomic<uint64_t> unsampled_blocks;                 // chosen, but for want of room not sampled
};

// Shared by both sides. Each group of words that one side writes has cache lines of its own.
struct Control {
  // Written once by the agent before it hands the mapping over.
  uint64_t magic;
  uint32_t version, ring_bytes;
  int32_t pid;
  uint32_t reserved0;
  uint8_t pad0[40];

  alignas(64) std::atomic<uint64_t> head;  // bytes ever reserved; writers
  alignas(64) std::atomic<uint64_t> tail;  // bytes ever consumed; reader

  // Writers: what was lost before it became a record.
  alignas(64) TransportLosses losses;
  std::atomic<uint64_t> timer_overruns, no_buffer, no_frames, cut_stacks, torn_stacks, handlers;

  alignas(64) MemoryCounters memory;

  // Collector to agent. release/acquire is not needed: each word means something by itself.
  // How often recording was switched, by the collector or the program itself: odd while samples are to be recorded.
  alignas(64) std::atomic<uint32_t> switches;
  std::atomic<uint32_t> adopted;    // 1: the collector has accepted this process
  std::atomic<uint64_t> heartbeat;  // grows while the collector lives
};
static_assert(sizeof(Control) <= kControlBytes);
static_assert(std::atomic<uint64_t>::is_always_lock_free);

constexpr bool IsOn(uint32_t switches) { return switches % 2 == 1; }

// Switches recording on or off. False: it was so already.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread of either side.
inline bool SwitchRecording(Control& control, bool on) {
  uint32_t switches = control.switches.load(std::memory_order_relaxed);
  do {
    if (IsOn(switches) == on) return false;
  } while (!control.switches.compare_exchange_weak(switches, switches + 1, std::memory_order_relaxed));
  return true;
}

class RingBuffer {
 public:
  RingBuffer() = default;
  // `control` and `data` (mapped twice) belong to the caller and outlive this.
  RingBuffer(Control* control, uint8_t* data, uint32_t ring_bytes)
      : control_(control), data_(data), mask_(ring_bytes - 1), bytes_(ring_bytes) {}

  bool valid() const { return control_ != nullptr; }
  Control* control() const { return control_; }

  // Writer. Space for one record of `bytes` (header included), or nullptr: dropped and counted.
  // Signal-safe: yes.  Allocates: no.  Locks: none (compare-and-swap loop).  Runs on: any thread.
  RecordHeader* BeginWrite(uint32_t bytes, RecordType type) const {
    const uint32_t size = RoundUpToRecord(bytes);
    if (size > kMaxRecordBytes) {
      control_->losses.record_too_big.fetch_add(1, std::memory_order_relaxed);
      return nullptr;
    }
    uint64_t head = control_->head.load(std::memory_order_relaxed);
    do {
      // acquire: pairs with the release of tail in EndRead, so that the zeroing there comes before our writing.
      const uint64_t tail = control_->tail.load(std::memory_order_acquire);
      if (head + size - tail > bytes_) {
        control_->losses.ring_full.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
      }
    } while (!control_->head.compare_exchange_weak(head, head + size, std::memory_order_relaxed));
    auto* header = reinterpret_cast<RecordHeader*>(data_ + (head & mask_));
    StoreHeader(header, {size, type, RecordState::kReserved, HeaderCheck(size, type)}, std::memory_order_relaxed);
    return header;
  }

  // Writer. Publishes what BeginWrite returned.
  // Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
  static void EndWrite(RecordHeader* header) {
    RecordHeader committed = *header;
    committed.state = RecordState::kCommitted;
    // release: pairs with the acquire in BeginRead, which then sees the payload.
    StoreHeader(header, committed, std::memory_order_release);
  }

  // Writer. Less than the largest record is free: the reader does not keep up, or is gone.
  bool nearly_full() const {
    const uint64_t used =
        control_->head.load(std::memory_order_relaxed) - control_->tail.load(std::memory_order_relaxed);
    return used + kMaxRecordBytes > bytes_;
  }

  struct View {
    const uint8_t* bytes = nullptr;  // starts with a RecordHeader whose size and check have been verified
    uint32_t size = 0;
  };

  // Reader. The oldest committed record, or an empty view: nothing, or its writer has not finished.
  View BeginRead() const;
  // Reader. Gives the record's space back.
  void EndRead(const View& view) const { Release(view.size); }
  // Reader, only when no writer lives: skips torn bytes up to the next committed record. Returns how many.
  uint64_t SkipHole() const;
  // Reader. Nothing to read, or nothing that could be.
  bool empty() const;

 private:
  static void StoreHeader(RecordHeader* header, RecordHeader value, std::memory_order order) {
    reinterpret_cast<std::atomic<uint64_t>*>(header)->store(__builtin_bit_cast(uint64_t, value), order);
  }
  void Release(uint64_t bytes) const;

  Control* control_ = nullptr;
  uint8_t* data_ = nullptr;
  uint64_t mask_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace scalene::wire
