// CallSites remembers which call instructions of a process lead to Python functions, learnt from the stacks of its samples.
//
// Why: a sample whose innermost Python frame stands on a call may be inside a C function (native time) or on the way into
// or out of a Python function (Python time). Both use the same allocator, tuples and dictionaries, so the program counter
// alone cannot tell. But a call that leads to Python is also seen with the Python callee on top of it:
//
//     sample A:  f  line 3 …                      f's frame stands on the call  ┐ the same (code, offset):
//                main line 9, offset 42  ◀──────────────────────────────────────┤ that call leads to Python,
//     sample B:  main line 9, offset 42, pc in free()  ◀────────────────────────┘ so B is call overhead: Python
//
// Program counters help: one in a function that makes or clears Python frames proves as much as sample A. So the answer
// is right from the first or second sample of a site on; measured against knowing all samples beforehand it costs less
// than one per cent.
//
// A C function that calls back rarely (a finaliser inside list.append) keeps being native: the site must have been seen
// with a Python callee in at least one of kMaxLeafPerCallee samples.
// Bounds: kMaxSites sites (6 MiB); further ones are not learnt.  Threads: none; one object per profiled process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "collector/code_region.h"

namespace scalene::collector {

class CallSites {
 public:
  static constexpr size_t kMaxSites = 1u << 17;
  // A function that does nothing, called through functools.partial with keywords, is seen on top once in 40 samples.
  static constexpr uint32_t kMaxLeafPerCallee = 128;

  explicit CallSites(int minor) : minor_(minor) {}

  // `offset` (in bytes) of that code object is where a calling frame stands: a Python frame is on top of it.
  void NoteCaller(uint64_t code, uint32_t fingerprint, int32_t offset);
  // A leaf frame stands on the call instruction `opcode` at `offset`, the program counter in `region`. Counts it (a region
  // that only Python functions run through is as good as a callee on top) and answers like LeadsToPython.
  bool NoteLeaf(uint64_t code, uint32_t fingerprint, int32_t offset, uint8_t opcode, CodeRegion region);
  // Whether the call instruction `opcode` at `offset` leads to Python, as far as is known by now.
  bool LeadsToPython(uint64_t code, uint32_t fingerprint, int32_t offset, uint8_t opcode) const;

 private:
  struct Counts {
    uint32_t with_callee = 0;
    uint32_t as_leaf = 0;
  };
  Counts* FindOrAdd(uint64_t key);
  uint32_t Callees(uint64_t code, uint32_t fingerprint, int32_t offset) const;

  const int minor_;
  std::unordered_map<uint64_t, Counts> sites_;
};

}  // namespace scalene::collector
