// Layout: where CPython 3.8 to 3.15 keeps what a profiler reads, as byte offsets. One constant per minor version and
// build kind (with or without the GIL), made at build time from offsets.json, the only place where a number is written
// by hand.
//
//   const Layout* layout = FindLayout(11, false);
//   frame = load(load(tstate + layout->tstate.cframe) + layout->cframe.current_frame);
//
// Groups and fields are named like those of offsets.json (`long` is long_object, the C++ word being taken). A field
// that a version does not have is kAbsent (-1). Fields that are no byte offsets say so in their name: *_shift and
// *_mask are bits of a word, *_size and entry_size are sizes, opcode.* are opcode numbers, frame_owner.* and
// frame_state.* are values of the fields of that name (absent states: kNoFrameState, since states may be negative).
//
// 3.13 and newer describe themselves: copy the layout, then ApplyDebugOffsets (debug_offsets.h). Free-threaded layouts
// are complete only after that; as they stand, their runtime, interp, gc and tstate groups are those of the GIL build.
//
// Invariants: sizes of runtime, interp and tstate differ between patch releases and prove nothing.
// Heap: none.  Run-time library: none.  Signal-safe: yes (constants). Used by the agent and by the collector.
#pragma once

#include "cpython/layouts_generated.h"

namespace scalene::cpython {

// The layout of CPython 3.`minor`, or nullptr when that version (or build kind) is not known.
constexpr const Layout* FindLayout(int minor, bool free_threaded) {
  for (const Layout* layout : kLayouts) {
    if (layout->minor == minor && layout->free_threaded == free_threaded) return layout;
  }
  return nullptr;
}

// How a version publishes the innermost frame of a thread.
enum class LeafFrameKind {
  kFrameObject,   // 3.8-3.10: tstate.frame is a PyFrameObject
  kCframe,        // 3.11, 3.12: tstate.cframe -> cframe.current_frame; see the entry window in frame_walker.h
  kCurrentFrame,  // 3.13+: tstate.current_frame
};

constexpr LeafFrameKind LeafFrameKindOf(const Layout& layout) {
  if (layout.tstate.frame != kAbsent) return LeafFrameKind::kFrameObject;
  return layout.tstate.cframe != kAbsent ? LeafFrameKind::kCframe : LeafFrameKind::kCurrentFrame;
}

// Bytes per unit of frame.lasti: 3.10 counts code units, its neighbours count bytes.
constexpr int LastiUnit(const Layout& layout) { return layout.minor == 10 ? 2 : 1; }

// Objects and stack slots may carry tag bits from 3.14 on; no object is aligned to less than 8 bytes.
constexpr uint64_t WithoutTag(uint64_t pointer) { return pointer & ~uint64_t{7}; }

}  // namespace scalene::cpython
