// RemoteLocks: threading's locks of another process: before which one a thread stands, and who has it.
//
//   RLock   has a field for its owner
//   Lock    has none. But as long as the block of a `with` statement runs, its frame keeps the lock, or a method bound to it,
//           on its value stack; how deep that is kept the block stack (3.8-3.10) or the exception table (3.11+) says
//
// A lock is believed only if the waiting thread's futex is its own. Frames of a running thread are rewritten meanwhile: a
// holder that has just let go may be named, none that never had the lock.
// Threads: one owner. Bounded: kMostFrames frames of a thread, kMostSlots slots of each.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "collector/remote_interpreter.h"

namespace scalene::collector {

class RemoteLocks {
 public:
  explicit RemoteLocks(RemoteInterpreter& interpreter)
      : interpreter_(interpreter),
        memory_(interpreter.memory()),
        objects_(interpreter.objects()),
        layout_(interpreter.layout()) {}

  // The Lock or RLock for whose futex a thread waits; 0: something else, or not found. The thread stands still.
  uint64_t AwaitedLock(uint64_t tstate, uint64_t futex);
  // Who has an RLock, as threading.get_ident() names it, 0: nobody. nullopt: it is a Lock.
  std::optional<uint64_t> Owner(uint64_t lock);
  // The locks in whose `with` blocks a thread is, those excepted that a Condition.wait inside has given back.
  std::vector<uint64_t> HeldLocks(uint64_t tstate);

 private:
  static constexpr int kMostFrames = 200;
  static constexpr uint32_t kMostSlots = 200;

  // A frame with the slots of its value stack that are kept while it runs its innermost block.
  struct Frame {
    uint64_t address = 0, code = 0, stack = 0;
    uint32_t slots = 0;
  };
  bool HasFrameObjects() const { return LeafFrameKindOf(layout_) == cpython::LeafFrameKind::kFrameObject; }
  Frame ReadFrame(uint64_t address);
  uint32_t KeptSlots(uint64_t address, uint64_t code);
  bool IsAwaited(uint64_t object, uint64_t futex);
  bool IsCalled(uint64_t object, std::string_view type);
  // The lock behind what a `with` statement keeps; 0: it keeps something else.
  uint64_t LockBehind(uint64_t kept);
  uint64_t LockOfCondition(uint64_t object);
  // The lock that a frame has given back, being a Condition.wait; 0: it is none.
  uint64_t GivenBackBy(const Frame& frame);

  RemoteInterpreter& interpreter_;
  RemoteMemory& memory_;
  RemoteObjects& objects_;
  const cpython::Layout& layout_;
};

}  // namespace scalene::collector
