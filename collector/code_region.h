// CodeRegion: what kind of code a program counter stands in, as far as that matters for telling Python time from native
// time. InterpreterRegions draws the map of one interpreter (executable or libpython).
//
// Names decide, and where an interpreter is stripped, what it still says: the names of exported functions, the boundaries of
// all functions (unwind tables), slots of exported types and split-off parts (nameless_functions.h), and who calls whom
// (private_code.h). The rest is kInterpreter, the cautious answer; call sites (call_sites.h) decide those samples.
// Threads: immutable after construction.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "collector/elf_file.h"
#include "collector/symbol_table.h"

namespace scalene::collector {

enum class CodeRegion : uint8_t {
  kUnknown,        // in no mapping that we know
  kVdso,           // the kernel's code in user space
  kAnonymous,      // made at run time: JITs, trampolines
  kOtherModule,    // any library that is neither of the following
  kLibc,           // works for whoever calls it: allocator, memcpy
  kLoader,         // __tls_get_addr, lazy binding: part of the caller's own work
  kInterpreter,    // the interpreter, nothing more known: objects, allocator, containers …
  kEvalLoop,       // bytecode being interpreted
  kPythonEntry,    // makes or clears the frame of a Python function: proof that the call at hand leads to Python
  kCallMachinery,  // the way to any callee: argument passing, methods, constructors
  kNativeCallee,   // C functions that Python code calls by name, and their private helpers: sort, regular expressions
};

class InterpreterRegions {
 public:
  InterpreterRegions() = default;
  // Empty when `file` is no interpreter.
  static InterpreterRegions Of(const ElfFile& file, const SymbolTable& symbols);

  bool empty() const { return ranges_.empty(); }
  CodeRegion At(uint64_t address) const;

 private:
  struct Range {
    uint64_t start;
    CodeRegion region;
  };
  std::vector<Range> ranges_;  // sorted; each reaches to the next
};

// By the function's name in the symbol table, with or without the suffixes of the optimiser.
CodeRegion RegionOfFunction(std::string_view name);

// "frame_dealloc.lto_priv.0", "f.cold", "f.part.3.constprop.0", "f.llvm.123" -> the name in the source.
std::string_view WithoutCompilerSuffix(std::string_view name);

}  // namespace scalene::collector
