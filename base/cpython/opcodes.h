// What the opcode at a leaf frame's position says about where the thread is: in Python code, or inside a C callee.
// Numbers are fixed within a minor version and unrelated between minor versions; the table comes from offsets.json.
// Heap: none.  Run-time library: none.  Signal-safe: yes (constants).
#pragma once

#include <cstdint>

namespace scalene::cpython {

enum class OpcodeClass : uint8_t {
  kOther,          // no call; C code may still run under it (BINARY_OP, COMPARE_OP, FOR_ITER …)
  kCall,           // a call whose callee may be anything; a Python callee would have become the leaf
  kCallsPython,    // a specialised call that pushes a Python frame itself
  kCallsNative,    // a specialised call of a C function or type
  kInlinesPython,  // no call instruction, but pushes a Python frame (property, __getitem__, generator)
  kMasked,         // monitoring, tracing or the JIT hides the real opcode
  kPrefix,         // EXTENDED_ARG: the real opcode is the next unit (up to 3.9 positions stay on the prefix)
};

}  // namespace scalene::cpython

#include "cpython/opcodes_generated.h"

namespace scalene::cpython {

constexpr OpcodeClass ClassifyOpcode(int minor, uint8_t opcode) {
  if (minor < kFirstMinor || minor > kLastMinor) return OpcodeClass::kOther;
  return kOpcodeClasses[minor - kFirstMinor][opcode];
}

// A call instruction proper. False for kInlinesPython.
constexpr bool IsCall(OpcodeClass kind) {
  return kind == OpcodeClass::kCall || kind == OpcodeClass::kCallsPython || kind == OpcodeClass::kCallsNative;
}

}  // namespace scalene::cpython
