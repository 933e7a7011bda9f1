// The C functions of an interpreter that Python code calls by a call instruction (len, list.sort, re.Pattern.sub …), with
// the helpers that serve only them. Time there is native even when the call also leads to Python, as with a sort key.
//
// They are found without names: every such function stands in a table of PyMethodDef (name, function, flags, doc) in the
// data sections. A helper belongs to them when nothing but them refers to it: no other code, no pointer in data, no export.
//
//   list.sort ──▶ list_sort_impl ──▶ merge_at, gallop_left, unsafe_float_compare      private: native callees, too
//                        └─────────▶ PyObject_RichCompare                             exported: anybody's, left out
//
// Threads: a pure function; reads the file.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "collector/elf_file.h"
#include "collector/symbol_table.h"

namespace scalene::collector {

// By start address.
std::unordered_set<uint64_t> NativeCallees(const ElfFile& file, const SymbolTable& symbols);

}  // namespace scalene::collector
