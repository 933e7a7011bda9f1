#include "agent/python_frames.h"

#include "agent/syscalls.h"
#include "base/cpython/frame_walker.h"
#include "base/load.h"

namespace scalene::agent {
namespace {

using cpython::Layout;
using cpython::Slot;
using cpython::Trust;
using cpython::WalkedFrame;
using cpython::WalkEnd;

// The walker's view of our own memory: itself. Only what may be wild is copied through the kernel.
class OwnMemory {
 public:
  // Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
  const uint8_t* View(Slot, uint64_t address, size_t size, Trust trust) {
    if (trust == Trust::kLive) return reinterpret_cast<const uint8_t*>(address);
    return size <= sizeof copy_ && GuardedRead(address, copy_, size) ? copy_ : nullptr;
  }

 private:
  uint8_t copy_[128];
};

// Keeps the innermost and the outermost half of a stack that is too deep. The outermost half is written round and round,
// then turned so that it starts with its first frame.
class FrameCollector {
 public:
  explicit FrameCollector(SampleBuffer* buffer) : frames_(buffer->frames) {}

  void Add(const wire::FrameEntry& frame) {
    const uint32_t place = seen_ < wire::kMaxFrames ? seen_ : kHalf + (seen_ - kHalf) % kHalf;
    frames_[place] = frame;
    ++seen_;
  }
  uint32_t count() const { return seen_ < wire::kMaxFrames ? seen_ : wire::kMaxFrames; }
  uint32_t cut() const { return seen_ - count(); }
  void Straighten() {
    if (cut() == 0) return;
    const uint32_t oldest = (seen_ - kHalf) % kHalf;  // place of the first frame kept of the outer half
    Reverse(kHalf, kHalf + oldest);
    Reverse(kHalf + oldest, wire::kMaxFrames);
    Reverse(kHalf, wire::kMaxFrames);
  }

 private:
  static constexpr uint32_t kHalf = wire::kMaxFrames / 2;
  void Reverse(uint32_t from, uint32_t to) {
    while (from + 1 < to) {
      --to;
      const wire::FrameEntry kept = frames_[from];
      frames_[from] = frames_[to];
      frames_[to] = kept;
      ++from;
    }
  }
  wire::FrameEntry* frames_;
  uint32_t seen_ = 0;
};

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
bool HoldsGil(uint64_t tstate) {
  const Interpreter& interpreter = g_agent.interpreter;
  const Layout& layout = interpreter.layout;
  uint64_t gil = 0;
  if (layout.minor <= 11) {
    gil = interpreter.runtime + layout.runtime.gil;
  } else {
    gil = LoadAt<uint64_t>(LoadAt<uint64_t>(tstate + layout.tstate.interp) + layout.interp.ceval_gil);
  }
  if (gil == 0) return false;
  return LoadAt<int32_t>(gil + layout.gil.locked) == 1 && LoadAt<uint64_t>(gil + layout.gil.last_holder) == tstate;
}

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
bool Collecting(uint64_t tstate) {
  const Interpreter& interpreter = g_agent.interpreter;
  const Layout& layout = interpreter.layout;
  const uint64_t gc = layout.minor == 8 ? interpreter.runtime + layout.runtime.gc
                                        : LoadAt<uint64_t>(tstate + layout.tstate.interp) + layout.interp.gc;
  return LoadAt<int32_t>(gc + layout.gc.collecting) != 0;
}

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
uint16_t ThreadFlags(uint64_t tstate) {
  const Layout& layout = g_agent.interpreter.layout;
  uint16_t flags = 0;
  if (HoldsGil(tstate)) flags |= wire::kSampleHoldsGil;
  if (Collecting(tstate)) flags |= wire::kSampleCollecting;
  if (layout.tstate.current_executor > 0 && LoadAt<uint64_t>(tstate + layout.tstate.current_executor) != 0)
    flags |= wire::kSampleJit;
  return flags;
}

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
void NoteLeaf(const WalkedFrame& frame, CapturedFrames* captured) {
  if (frame.incomplete) captured->flags |= wire::kSampleLeafIncomplete;
  if (frame.offset < 0 || frame.instruction == 0) return;
  const auto* unit = reinterpret_cast<const uint8_t*>(frame.instruction);
  captured->opcode = unit[0];
  captured->opcode_next = unit[2];
}

}  // namespace

CapturedFrames CapturePythonFrames(SampleBuffer* buffer) {
  const Interpreter& interpreter = g_agent.interpreter;
  CapturedFrames captured;
  const auto tstate = reinterpret_cast<uint64_t>(interpreter.this_thread_state());
  if (tstate == 0) {
    captured.flags = wire::kSampleNoThreadState;
    return captured;
  }
  captured.flags = ThreadFlags(tstate);
  OwnMemory memory;
  FrameCollector frames(buffer);
  const WalkEnd end =
      cpython::WalkFrames(interpreter.layout, interpreter.code_type, tstate, memory, [&](const WalkedFrame& frame) {
        if (frames.count() == 0) NoteLeaf(frame, &captured);
        frames.Add({frame.code, DescribeCode(frame.code), frame.offset});
        return true;
      });
  if (end == WalkEnd::kTorn) {
    captured.flags |= wire::kSampleTorn;
    return captured;
  }
  frames.Straighten();
  captured.count = frames.count();
  captured.cut = frames.cut();
  return captured;
}

}  // namespace scalene::agent
