// What a stripped interpreter still says about functions whose names are gone:
//
//   type slots       PyFrame_Type is exported, and its tp_dealloc points to the function that frees frames
//   split parts      the compiler moves parts of a function elsewhere, as a nameless function of its own; only jumps from
//                    the named part lead into its middle. In Debian's 3.14 that is nearly all of the evaluation loop
//   dispatch table   a tail-calling evaluation loop (3.14+) jumps through 256 pointers, one function per opcode
//
// Threads: a pure function; reads the file.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "collector/code_region.h"
#include "collector/elf_file.h"
#include "collector/symbol_table.h"

namespace scalene::collector {

// By start address; only functions that `symbols` has no name for.
std::unordered_map<uint64_t, CodeRegion> RegionsOfNamelessFunctions(const ElfFile& file, const SymbolTable& symbols);

}  // namespace scalene::collector
