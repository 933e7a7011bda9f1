#include "collector/remote_locks.h"

#include <algorithm>

#include "base/cpython/exception_table.h"

namespace scalene::collector {
namespace {

constexpr uint64_t kMostTableBytes = 1 << 16;
constexpr size_t kBlockBytes = 12, kLevelInBlock = 8;  // PyTryBlock: type, handler, level
constexpr int32_t kMostBlocks = 20;

uint64_t At(uint64_t object, int32_t offset) { return object + static_cast<uint64_t>(offset); }

}  // namespace

bool RemoteLocks::IsCalled(uint64_t object, std::string_view type) {
  return object != 0 && objects_.NameOfType(objects_.TypeOf(object)) == type;
}

// A semaphore that the lock points to, or, where locks are bytes, an entry of the parking lot on the waiting thread's stack:
// the address of the byte stands before the entry's semaphore.
bool RemoteLocks::IsAwaited(uint64_t object, uint64_t futex) {
  const uint64_t place = At(object, layout_.lock.lock);
  if (objects_.Word(place) != futex && objects_.Word(futex - 8) != place) return false;
  return IsCalled(object, "_thread.lock") || IsCalled(object, "_thread.RLock");
}

uint64_t RemoteLocks::AwaitedLock(uint64_t tstate, uint64_t futex) {
  const uint64_t parked = objects_.Word(futex - 8) - static_cast<uint64_t>(layout_.lock.lock);
  if (IsAwaited(parked, futex)) return parked;
  // It is called by the innermost frame, so it, or a method bound to it, lies on that frame's stack, however deep that is.
  Frame leaf = ReadFrame(interpreter_.LeafFrame(tstate));
  int32_t slots = 0;
  if (leaf.code == 0 || !memory_.Load(At(leaf.code, layout_.code.stacksize), &slots)) return 0;
  for (int32_t i = 0; i < std::min<int32_t>(slots, kMostSlots); ++i) {
    const uint64_t object = cpython::WithoutTag(objects_.Word(leaf.stack + 8 * static_cast<uint64_t>(i)));
    if (object == 0) continue;
    if (IsAwaited(object, futex)) return object;
    if (const uint64_t self = objects_.Word(At(object, layout_.cfunction.self)); self != 0 && IsAwaited(self, futex))
      return self;
  }
  return 0;
}

std::optional<uint64_t> RemoteLocks::Owner(uint64_t lock) {
  if (!IsCalled(lock, "_thread.RLock")) return std::nullopt;
  return objects_.Word(At(lock, layout_.rlock.owner));
}

std::vector<uint64_t> RemoteLocks::HeldLocks(uint64_t tstate) {
  std::vector<uint64_t> locks, given_back;
  std::vector<Frame> inner;
  uint64_t address = interpreter_.LeafFrame(tstate);
  for (int depth = 0; address != 0 && depth < kMostFrames; ++depth, address = interpreter_.CallerOf(address)) {
    const Frame frame = ReadFrame(address);
    if (frame.code == 0) continue;
    for (uint32_t slot = 0; slot < frame.slots; ++slot) {
      const uint64_t lock = LockBehind(cpython::WithoutTag(objects_.Word(frame.stack + 8 * uint64_t{slot})));
      if (lock == 0) continue;
      const bool back = std::any_of(inner.begin(), inner.end(), [&](const Frame& f) { return GivenBackBy(f) == lock; });
      if (!back) locks.push_back(lock);
    }
    inner.push_back(frame);
  }
  return locks;
}

RemoteLocks::Frame RemoteLocks::ReadFrame(uint64_t address) {
  Frame frame{address, interpreter_.CodeOf(address), 0, 0};
  if (frame.code == 0) return frame;
  int32_t locals = 0;
  if (HasFrameObjects()) {
    frame.stack = objects_.Word(At(address, layout_.frame.valuestack));
  } else if (memory_.Load(At(frame.code, layout_.code.nlocalsplus), &locals)) {
    frame.stack = At(address, layout_.iframe.localsplus) + 8 * static_cast<uint64_t>(locals);
  }
  frame.slots = std::min(kMostSlots, KeptSlots(address, frame.code));
  return frame;
}

uint32_t RemoteLocks::KeptSlots(uint64_t address, uint64_t code) {
  if (HasFrameObjects()) {
    int32_t blocks = 0, level = 0;
    if (!memory_.Load(At(address, layout_.frame.iblock), &blocks) || blocks <= 0 || blocks > kMostBlocks) return 0;
    const uint64_t innermost = At(address, layout_.frame.blockstack) + kBlockBytes * static_cast<uint64_t>(blocks - 1);
    return memory_.Load(innermost + kLevelInBlock, &level) && level > 0 ? static_cast<uint32_t>(level) : 0;
  }
  const uint64_t table = objects_.Word(At(code, layout_.code.exceptiontable));
  const uint64_t size = table == 0 ? 0 : objects_.Word(At(table, layout_.bytes.size));
  if (size == 0 || size > kMostTableBytes) return 0;
  std::vector<uint8_t> bytes(size);
  if (!memory_.Read(At(table, layout_.bytes.data), bytes.data(), size)) return 0;
  return cpython::StackDepthKept(bytes, interpreter_.OffsetIn(code, address));
}

// Up to 3.13 a bound method, after that the object itself.
uint64_t RemoteLocks::LockBehind(uint64_t kept) {
  if (kept == 0) return 0;
  const std::string type = objects_.NameOfType(objects_.TypeOf(kept));
  if (type == "_thread.lock") return kept;
  if (type == "builtin_function_or_method") {
    const uint64_t self = objects_.Word(At(kept, layout_.cfunction.self));
    return IsCalled(self, "_thread.lock") ? self : 0;
  }
  if (type == "method") return LockOfCondition(objects_.Word(At(kept, layout_.method.self)));
  return type == "Condition" ? LockOfCondition(kept) : 0;
}

uint64_t RemoteLocks::LockOfCondition(uint64_t object) {
  if (!IsCalled(object, "Condition")) return 0;
  const uint64_t lock = objects_.Attribute(object, "_lock");
  return IsCalled(lock, "_thread.lock") ? lock : 0;
}

uint64_t RemoteLocks::GivenBackBy(const Frame& frame) {
  if (objects_.Text(objects_.Word(At(frame.code, layout_.code.name))) != "wait") return 0;
  const uint64_t first_local =
      At(frame.address, HasFrameObjects() ? layout_.frame.localsplus : layout_.iframe.localsplus);
  return LockOfCondition(cpython::WithoutTag(objects_.Word(first_local)));
}

}  // namespace scalene::collector
