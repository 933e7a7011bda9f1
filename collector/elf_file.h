// ElfFile: what a profiler needs of an ELF64 file: segments, build id, sections by name, function symbols, and where
// functions start according to the unwind tables, which stripped files keep.
//
// The file belongs to the profiled program and may be hostile, or be rewritten while it is read: it is read piece by piece
// with pread (a file that shrinks under a mapping would end the reader with SIGBUS), every offset and count is checked
// against the file's size, and pieces larger than kMaxSectionBytes are refused.
// Owner: whoever opened it; movable, closes its descriptor.  Threads: reads of one object may run in parallel.
#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace scalene::collector {

// 256 MiB: the largest symbol table met in practice (a debug build of a machine-learning library) has 150.
inline constexpr uint64_t kMaxSectionBytes = 256u << 20;
inline constexpr size_t kMaxNeeded = 64;

struct ElfSection {
  std::string name;
  uint32_t type = 0;
  uint32_t link = 0;
  uint64_t address = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
};

struct ElfSegment {
  uint64_t address = 0;
  uint64_t offset = 0;
  uint64_t file_size = 0;
  bool executable = false;
};

struct ElfSymbol {
  uint64_t address = 0;
  uint64_t size = 0;  // 0: unknown
  std::string name;   // as in the file: mangled
};

class ElfFile {
 public:
  static Result<ElfFile> Open(const std::string& path);
  ElfFile(ElfFile&& other) noexcept;
  ElfFile& operator=(ElfFile&& other) noexcept;
  ~ElfFile();

  uint16_t machine() const { return machine_; }                           // EM_X86_64 …
  bool has_loader() const { return has_loader_; }                         // dynamically linked
  bool is_position_independent() const { return position_independent_; }  // libraries are, and most programs
  const std::vector<ElfSegment>& segments() const { return segments_; }
  const std::vector<ElfSection>& sections() const { return sections_; }
  const ElfSection* FindSection(std::string_view name) const;
  // The section's bytes; empty when it has none in the file (.bss), is too large or lies outside the file.
  std::vector<uint8_t> Read(const ElfSection& section) const;

  // Hexadecimal, or "" when the file has none.
  std::string BuildId() const;
  // The libraries that it names (DT_NEEDED), at most kMaxNeeded.
  std::vector<std::string> NeededLibraries() const;
  // At most `size` bytes of the loaded image at `address`, fewer at the end of what the file holds.
  std::vector<uint8_t> ReadAt(uint64_t address, uint64_t size) const;

  bool HasSymbolTable() const;  // .symtab: not stripped
  // Functions of .symtab, or of .dynsym when that is missing, sorted by address.
  std::vector<ElfSymbol> FunctionSymbols() const;
  // Functions that other modules can see: those of .dynsym.
  std::vector<ElfSymbol> ExportedFunctions() const;
  // Objects (variables, types) of the same tables, sorted by address.
  std::vector<ElfSymbol> ObjectSymbols() const;
  // Start addresses of functions and of their split-off parts from .eh_frame_hdr, sorted. Empty without that section.
  std::vector<uint64_t> FunctionStarts() const;

 private:
  ElfFile() = default;
  Status ReadHeaders(const std::string& path);
  void ReadSegments(const Elf64_Ehdr& header);
  void ReadSections(const Elf64_Ehdr& header);
  bool ReadBytes(uint64_t offset, void* into, uint64_t size) const;
  std::vector<ElfSymbol> Symbols(uint32_t table_type, bool functions) const;
  uint32_t BestTable() const;

  int descriptor_ = -1;
  uint64_t size_ = 0;
  uint16_t machine_ = 0;
  bool has_loader_ = false;
  bool position_independent_ = true;
  std::vector<ElfSegment> segments_;
  std::vector<ElfSection> sections_;
};

// The address that symbols use for a position in the file, or nothing when no segment loads it.
std::optional<uint64_t> AddressOfFileOffset(const std::vector<ElfSegment>& segments, uint64_t offset);

}  // namespace scalene::collector
