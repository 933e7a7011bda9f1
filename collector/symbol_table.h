// SymbolTable: the functions of one ELF file by address. Names come from .symtab, from a separate debug file with the same
// build id (/usr/lib/debug/.build-id/…), or from .dynsym, whichever is best; function boundaries also from the unwind
// tables, so that a static function of a stripped file stays nameless instead of getting its neighbour's name.
// Threads: immutable after construction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/elf_file.h"

namespace scalene::collector {

class SymbolTable {
 public:
  struct Function {
    uint64_t start = 0;
    uint64_t end = 0;       // exclusive; the next start when the file does not say
    std::string_view name;  // mangled, "" when nameless
  };

  SymbolTable() = default;
  static SymbolTable Of(const ElfFile& file);
  SymbolTable(SymbolTable&&) = default;
  SymbolTable& operator=(SymbolTable&&) = default;

  // The function that holds `address`, or nothing outside all of them.
  std::optional<Function> Find(uint64_t address) const;
  // Where that function starts; 0 outside all of them. Faster than Find.
  uint64_t StartOf(uint64_t address) const;
  // The function of that mangled name, or nothing.
  std::optional<Function> FindName(std::string_view name) const;
  size_t size() const { return entries_.size(); }
  Function at(size_t index) const;

 private:
  struct Entry {
    uint64_t start;
    uint32_t size;  // 0: up to the next entry
    uint32_t name;  // offset into names_; 0: nameless
  };
  size_t IndexBehind(uint64_t address) const;
  uint64_t EndOf(size_t index) const;
  void Add(uint64_t start, uint64_t size, std::string_view name);

  std::vector<Entry> entries_;  // sorted by start, unique
  std::string names_ = {'\0'};  // terminated by 0 each
};

}  // namespace scalene::collector
