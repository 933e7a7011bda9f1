// StaticPointers: the pointers in the data sections of an ELF file that has not been loaded. In a position-independent file
// they stand in the relocations, in others in the sections themselves.
// Threads: immutable after construction; the file must outlive it.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "collector/elf_file.h"

namespace scalene::collector {

class StaticPointers {
 public:
  explicit StaticPointers(const ElfFile& file);

  // The pointer at `address`; 0 when nothing is there.
  uint64_t At(uint64_t address) const;
  // All pointer-sized words of a section, in order.
  std::vector<uint64_t> Words(const ElfSection& section) const;

 private:
  const ElfFile& file_;
  std::unordered_map<uint64_t, uint64_t> relocated_;
};

}  // namespace scalene::collector
