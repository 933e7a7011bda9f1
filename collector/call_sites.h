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
// Program counters help: one in a function that makes or clears Python frames proves as much as sample A, one in a C function
// that Python code calls by name (kNativeCallee) or in another module proves the opposite. A site that is still on probation,
// without any proof, is taken to be like most sites of its process; this matters in programs with many sites and few samples.
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
  // Samples without proof after which a site counts as native: the chance that a Python site looks so is below 1 % (callees
  // of ordinary size) to 25 % (partial objects).
  static constexpr uint32_t kProbation = 8;

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
    uint32_t in_native = 0;
  };
  enum class Verdict { kPython, kNative, kUnproven };

  Counts* FindOrAdd(uint64_t key);
  Verdict VerdictOn(uint64_t code, uint32_t fingerprint, int32_t offset, uint8_t opcode) const;
  uint32_t Callees(uint64_t code, uint32_t fingerprint, int32_t offset) const;

  const int minor_;
  uint64_t python_samples_ = 0;  // of sites with proof, where the program counter proved nothing
  uint64_t native_samples_ = 0;
  std::unordered_map<uint64_t, Counts> sites_;
};

}  // namespace scalene::collector
