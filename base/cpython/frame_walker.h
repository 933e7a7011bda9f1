// WalkFrames: the Python frames of one thread, innermost first, on CPython 3.8 to 3.15. The same walk serves two
// readers: the agent on the sampled thread itself, inside a signal handler, and the collector on a blocked thread of
// another process. They differ in how memory is reached, so the caller brings a Memory:
//
//   const uint8_t* View(Slot slot, uint64_t address, size_t size, Trust trust);
//
// gives `size` bytes at `address` of the target, valid until the next View of the same slot, or nullptr. kLive: the
// walker knows that the memory exists (the sampled thread owns it). kDoubtful: it may be anything; a wild pointer must
// give nullptr, not a fault.
//
// The entry window (3.11, 3.12): on entry the evaluation function publishes tstate.cframe some instructions before it
// fills the structure, so 0.1-0.6 % of samples of a call-heavy program start from old C stack. So nothing is believed
// before the run of frames down to the first seam (the border between two C evaluation loops) has been followed and has
// met the frame that the previous cframe names. A chain that fails is kTorn: its weight counts, its frames do not.
//
// Heap: none.  Run-time library: none.  Locks: none.  Signal-safe: yes, if the Memory is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpython/layout.h"
#include "base/load.h"

namespace scalene::cpython {

enum class Trust : uint8_t { kLive, kDoubtful };
enum class Slot : uint8_t { kThread, kFrame, kCode, kWord };

struct WalkedFrame {
  uint64_t code;         // address of the code object
  const uint8_t* view;   // its bytes, up to the bytecode
  uint64_t instruction;  // address of the instruction at which the frame stands
  int32_t offset;        // the same in bytes from the start of the bytecode; < 0: not started
  bool incomplete;       // pushed, but before its RESUME: counts as the function at its first line
};

enum class WalkEnd : uint8_t {
  kComplete,  // reached the outermost frame
  kNoFrames,  // the thread state has none: not in Python at the moment
  kTorn,      // failed a check; frames visited so far, if any, are not to be used
  kTooDeep,   // stopped at kMaxWalkDepth
  kStopped,   // the visitor had enough
};

inline constexpr int kMaxWalkDepth = 20000;  // about 200 us of walking in the handler

namespace walker_detail {

template <class Memory>
class Walker {
 public:
  Walker(const Layout& layout, uint64_t code_type, Memory& memory)
      : layout_(layout),
        code_type_(code_type),
        memory_(memory),
        code_bytes_(layout.code.code_adaptive > 0 ? layout.code.code_adaptive : layout.code.size),
        frame_bytes_(layout.iframe.localsplus > 0 ? layout.iframe.localsplus : layout.frame.lasti + 4),
        max_owner_(layout.frame_owner.shim > 0 ? layout.frame_owner.shim + 1 : 2) {}

  template <class Visit>
  WalkEnd Walk(uint64_t tstate, Visit&& visit) {
    switch (LeafFrameKindOf(layout_)) {
      case LeafFrameKind::kFrameObject:
        return WalkFrameObjects(tstate, visit);
      case LeafFrameKind::kCframe:
        return WalkBehindCframe(tstate, visit);
      case LeafFrameKind::kCurrentFrame:
        break;
    }
    uint64_t leaf = 0;
    if (!LoadWord(tstate + layout_.tstate.current_frame, Trust::kLive, &leaf)) return WalkEnd::kTorn;
    return WalkInterpreterFrames(leaf, visit);
  }

 private:
  bool LoadWord(uint64_t address, Trust trust, uint64_t* value) {
    const uint8_t* view = memory_.View(Slot::kWord, address, sizeof *value, trust);
    if (view == nullptr) return false;
    *value = Load<uint64_t>(view);
    return true;
  }

  // The code object at `code`, or nullptr when it is something else.
  const uint8_t* CodeView(uint64_t code) {
    if (code == 0) return nullptr;
    const uint8_t* view = memory_.View(Slot::kCode, code, code_bytes_, Trust::kLive);
    return view != nullptr && Load<uint64_t>(view + layout_.object.type) == code_type_ ? view : nullptr;
  }

  // 3.8-3.10: every frame is a PyFrameObject.
  template <class Visit>
  WalkEnd WalkFrameObjects(uint64_t tstate, Visit& visit) {
    uint64_t frame = 0;
    if (!LoadWord(tstate + layout_.tstate.frame, Trust::kLive, &frame)) return WalkEnd::kTorn;
    if (frame == 0) return WalkEnd::kNoFrames;
    for (int depth = 0; frame != 0; ++depth) {
      if (depth == kMaxWalkDepth) return WalkEnd::kTooDeep;
      const uint8_t* view = memory_.View(Slot::kFrame, frame, frame_bytes_, Trust::kLive);
      if (view == nullptr) return WalkEnd::kTorn;
      const uint64_t code = Load<uint64_t>(view + layout_.frame.code);
      const int32_t lasti = Load<int32_t>(view + layout_.frame.lasti);
      frame = Load<uint64_t>(view + layout_.frame.back);
      const uint8_t* code_view = CodeView(code);
      if (code_view == nullptr) return WalkEnd::kTorn;
      const int32_t offset = lasti < 0 ? -1 : lasti * LastiUnit(layout_);
      const uint64_t bytecode = Load<uint64_t>(code_view + layout_.code.code_bytes) + layout_.bytes.data;
      if (!visit(WalkedFrame{code, code_view, bytecode + (offset < 0 ? 0 : offset), offset, offset < 0}))
        return WalkEnd::kStopped;
    }
    return WalkEnd::kComplete;
  }

  bool IsShim(const uint8_t* frame) const {
    return layout_.minor >= 12 && Load<int8_t>(frame + layout_.iframe.owner) >= layout_.frame_owner.shim;
  }
  // A frame behind which another C evaluation loop begins.
  bool IsSeam(const uint8_t* frame) const {
    return layout_.minor == 11 ? Load<uint8_t>(frame + layout_.iframe.is_entry) != 0 : IsShim(frame);
  }
  bool PlausibleOwner(const uint8_t* frame) const {
    const int8_t owner = Load<int8_t>(frame + layout_.iframe.owner);
    return owner >= 0 && owner <= max_owner_;
  }

  // 3.11+: from `leaf` to the end of the chain. Every frame is known to be one.
  template <class Visit>
  WalkEnd WalkInterpreterFrames(uint64_t leaf, Visit& visit) {
    if (leaf == 0) return WalkEnd::kNoFrames;
    bool any = false;
    uint64_t frame = leaf;
    for (int depth = 0; frame != 0; ++depth) {
      if (depth == kMaxWalkDepth) return WalkEnd::kTooDeep;
      const uint8_t* view = memory_.View(Slot::kFrame, frame, frame_bytes_, Trust::kLive);
      if (view == nullptr || !PlausibleOwner(view)) return WalkEnd::kTorn;
      const uint64_t previous = Load<uint64_t>(view + layout_.iframe.previous);
      if (!IsShim(view)) {
        const int visited = VisitInterpreterFrame(view, visit);
        if (visited == 0) return WalkEnd::kStopped;
        any |= visited > 0;
      }
      frame = previous;
    }
    return any ? WalkEnd::kComplete : WalkEnd::kNoFrames;
  }

  // 1: visited, 0: visited and the visitor had enough, -1: no frame of Python code, skipped.
  template <class Visit>
  int VisitInterpreterFrame(const uint8_t* frame, Visit& visit) {
    const uint64_t code = WithoutTag(Load<uint64_t>(frame + layout_.iframe.executable));
    const uint64_t instruction = Load<uint64_t>(frame + layout_.iframe.instr);
    const bool generator = Load<int8_t>(frame + layout_.iframe.owner) == layout_.frame_owner.generator;
    const int32_t tlbc_index = layout_.iframe.tlbc_index > 0 ? Load<int32_t>(frame + layout_.iframe.tlbc_index) : 0;
    const uint8_t* code_view = CodeView(code);
    if (code_view == nullptr) return -1;
    // The constructor trampoline of 3.13+ has no line of its own.
    if (layout_.minor >= 13 && Load<int32_t>(code_view + layout_.code.firstlineno) == 0) return -1;
    const int32_t traceable = 2 * Load<int32_t>(code_view + layout_.code.firsttraceable);
    const uint64_t start = BytecodeStart(code, code_view, tlbc_index);
    if (start == 0) return visit(WalkedFrame{code, code_view, 0, -1, true}) ? 1 : 0;
    const int64_t offset = static_cast<int64_t>(instruction - start);
    const bool incomplete = (!generator && offset < traceable) || offset < 0 || offset > (int64_t{1} << 30);
    return visit(WalkedFrame{code, code_view, incomplete ? 0 : instruction,
                             incomplete ? -1 : static_cast<int32_t>(offset), incomplete})
               ? 1
               : 0;
  }

  // Free-threaded builds run a copy of the bytecode per thread. 0: the copy is unknown, so there is no offset.
  uint64_t BytecodeStart(uint64_t code, const uint8_t* code_view, int32_t tlbc_index) {
    if (tlbc_index == 0 || layout_.code.tlbc <= 0) return code + layout_.code.code_adaptive;
    const uint64_t array = Load<uint64_t>(code_view + layout_.code.tlbc);
    uint64_t count = 0, entry = 0;
    if (array == 0 || !LoadWord(array, Trust::kLive, &count) || static_cast<uint64_t>(tlbc_index) >= count) return 0;
    if (!LoadWord(array + 8 + 8 * static_cast<uint64_t>(tlbc_index), Trust::kLive, &entry)) return 0;
    return entry;
  }

  // 3.11, 3.12: through the cframe, believing it only after its first seam has been checked.
  template <class Visit>
  WalkEnd WalkBehindCframe(uint64_t tstate, Visit& visit) {
    uint64_t cframe = 0, leaf = 0;
    if (!LoadWord(tstate + layout_.tstate.cframe, Trust::kLive, &cframe) || cframe == 0) return WalkEnd::kTorn;
    if (!LoadWord(cframe + layout_.cframe.current_frame, Trust::kDoubtful, &leaf)) return WalkEnd::kTorn;
    const uint64_t root = tstate + layout_.tstate.root_cframe;
    if (cframe == root) return leaf == 0 ? WalkEnd::kNoFrames : WalkEnd::kTorn;
    if (leaf == 0 || !FirstSeamHolds(tstate, cframe, leaf)) return WalkEnd::kTorn;
    return WalkInterpreterFrames(leaf, visit);
  }

  bool FirstSeamHolds(uint64_t tstate, uint64_t cframe, uint64_t leaf) {
    uint64_t previous_cframe = 0, expected = 0;
    if (!LoadWord(cframe + layout_.cframe.previous, Trust::kDoubtful, &previous_cframe)) return false;
    if (!LoadWord(previous_cframe + layout_.cframe.current_frame, Trust::kDoubtful, &expected)) return false;
    if (!LoadChunk(tstate)) return false;
    uint64_t frame = leaf;
    for (int depth = 0; depth < kMaxWalkDepth; ++depth) {
      const uint8_t* view = memory_.View(Slot::kFrame, frame, frame_bytes_, TrustOf(frame));
      if (view == nullptr || !PlausibleOwner(view)) return false;
      const bool seam = IsSeam(view);
      const uint64_t code = Load<uint64_t>(view + layout_.iframe.executable);
      const uint64_t previous = Load<uint64_t>(view + layout_.iframe.previous);
      if (seam) return previous == expected;
      if (depth == 0 && !IsCode(code)) return false;
      if (previous == 0) return false;
      frame = previous;
    }
    return true;  // so long a chain of frames is no accident
  }

  bool IsCode(uint64_t code) {
    uint64_t type = 0;
    return LoadWord(code + layout_.object.type, Trust::kDoubtful, &type) && type == code_type_;
  }

  // Frames of functions lie in the chunks of the thread's data stack; those of generators lie anywhere.
  struct Chunk {
    uint64_t start = 0, end = 0, previous = 0;
  };
  bool LoadChunkAt(uint64_t address) {
    const uint8_t* view = memory_.View(Slot::kThread, address, 24, Trust::kLive);
    if (view == nullptr) return false;
    chunk_ = {address, address + Load<uint64_t>(view + layout_.stack_chunk.size),
              Load<uint64_t>(view + layout_.stack_chunk.previous)};
    return true;
  }
  bool LoadChunk(uint64_t tstate) {
    uint64_t address = 0;
    if (!LoadWord(tstate + layout_.tstate.datastack_chunk, Trust::kLive, &address)) return false;
    chunk_ = {};
    return address == 0 || LoadChunkAt(address);
  }
  bool InChunk(uint64_t frame) const { return frame >= chunk_.start && frame + frame_bytes_ <= chunk_.end; }
  Trust TrustOf(uint64_t frame) {
    if (InChunk(frame)) return Trust::kLive;
    const Chunk current = chunk_;
    if (current.previous != 0 && LoadChunkAt(current.previous) && InChunk(frame)) return Trust::kLive;
    chunk_ = current;
    return Trust::kDoubtful;
  }

  const Layout& layout_;
  const uint64_t code_type_;
  Memory& memory_;
  const size_t code_bytes_;   // a code object up to its bytecode
  const size_t frame_bytes_;  // a frame up to its locals
  const int max_owner_;
  Chunk chunk_;
};

}  // namespace walker_detail

// Calls visit(const WalkedFrame&) -> bool for each Python frame of the thread whose thread state is at `tstate`,
// innermost first, until it returns false. `code_type` is the address of PyCode_Type. The sampled thread must stand
// still.
template <class Memory, class Visit>
WalkEnd WalkFrames(const Layout& layout, uint64_t code_type, uint64_t tstate, Memory& memory, Visit&& visit) {
  return walker_detail::Walker<Memory>(layout, code_type, memory).Walk(tstate, visit);
}

}  // namespace scalene::cpython
