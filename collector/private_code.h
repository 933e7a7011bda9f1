// What an interpreter's call graph says about functions, with or without names:
//
//   native callees   C functions that Python code calls by a call instruction (len, list.sort, re.Pattern.sub …), with the
//                    helpers that serve only them. Time there is native even when the call also leads to Python, as with
//                    a sort key. Every such function stands in a table of PyMethodDef (name, function, flags, doc).
//   loop helpers     functions that serve only the evaluation loop, such as call_function of 3.8
//
// A function belongs to others when nothing but them refers to it: no other code, no pointer in data, no export.
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

// Start addresses of functions.
struct PrivateCode {
  std::unordered_set<uint64_t> native_callees;
  std::unordered_set<uint64_t> loop_helpers;
};

// `loop` are the start addresses of the evaluation loop and its split-off parts.
PrivateCode FindPrivateCode(const ElfFile& file, const SymbolTable& symbols, const std::unordered_set<uint64_t>& loop);

}  // namespace scalene::collector
