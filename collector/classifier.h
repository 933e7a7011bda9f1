// Classifier: is the time of a sample Python's, native code's or the kernel's? One pure function over plain evidence.
//
//   python   in the evaluation loop or the interpreter's runtime while the leaf instruction is no call into C
//   native   in any other module, in C code entered by a call instruction, or on a thread without Python
//   kernel   at or right behind a system call instruction
//
// The same program gets the same answer from an interpreter that is static or shared, stripped or not, optimised across
// files or not, and with the tail-calling evaluation loop: module borders inside the interpreter's own work (the loader's
// __tls_get_addr, libc's allocator under a Python call) are seen through, and where names are missing the call site's
// history (call_sites.h) decides.
//
//   opcode at the leaf   region of the program counter            answer
//   ------------------   --------------------------------------   ---------------------------------------------
//   any                  other module, vdso, anonymous, unknown   native
//   any                  evaluation loop, call machinery          python
//   call                 native callee (list.sort, re, max)       native
//   call                 rest of the interpreter, libc, loader    python if the site leads to Python, else native
//   call of Python       rest of the interpreter, libc, loader    python
//   no call              interpreter, loader                      python
//   no call              libc                                     native (memcpy of a long str)
//
// Threads: pure.
#pragma once

#include <cstdint>

#include "base/cpython/opcodes.h"
#include "collector/code_region.h"
#include "profile/folded_counts.h"

namespace scalene::collector {

using profile::CpuKind;

struct CpuEvidence {
  CodeRegion region = CodeRegion::kUnknown;
  cpython::OpcodeClass opcode = cpython::OpcodeClass::kOther;  // at the leaf; see LeafOpcodeClass
  bool in_syscall = false;            // the program counter stands at or behind a system call instruction
  bool collecting = false;            // this thread runs the garbage collector
  bool jit = false;                   // the leaf runs in code made by the interpreter's JIT
  bool has_python_frames = false;     // false: no Python on this thread
  bool torn = false;                  // there are Python frames, but they could not be read
  bool site_leads_to_python = false;  // CallSites' answer; only asked for when the opcode is a call
};

CpuKind Classify(const CpuEvidence& evidence);

// The class of the instruction at the leaf, given the two code units from its position on: EXTENDED_ARG hides the opcode
// that it prefixes.
cpython::OpcodeClass LeafOpcodeClass(int minor, uint8_t opcode, uint8_t next_opcode);

}  // namespace scalene::collector
