// Mappings: where the code of a process lies, from /proc/PID/maps. Executable ranges only; a lookup turns a program counter
// into a file and a position in it, which ElfFile turns into the address that the file's symbols use.
//
// A snapshot: libraries come and go, so the owner reads it anew when an address is in none of them.
// Threads: immutable after construction.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace scalene::collector {

enum class MappingKind {
  kFile,
  kVdso,       // [vdso], and [vsyscall] of old kernels: the kernel's code in user space
  kAnonymous,  // no file: code made at run time by a JIT or a trampoline
};

struct Mapping {
  uint64_t start = 0;
  uint64_t end = 0;
  uint64_t file_offset = 0;  // of `start`
  uint64_t device = 0;       // as makedev() has it; with the inode, the identity of the file
  uint64_t inode = 0;
  std::string path;  // as the process sees it, without " (deleted)"; "[vdso]" or "" when there is no file
  MappingKind kind = MappingKind::kAnonymous;
  bool deleted = false;  // the file has been removed or replaced since it was mapped

  uint64_t FileOffsetOf(uint64_t address) const { return address - start + file_offset; }
};

class Mappings {
 public:
  Mappings() = default;
  // The text of a maps file. Lines that make no sense are left out.
  static Mappings Parse(std::string_view text);
  static Result<Mappings> OfProcess(pid_t pid);

  // The executable mapping that holds `address`, or nullptr. Valid as long as this object.
  const Mapping* Find(uint64_t address) const;
  const std::vector<Mapping>& executable() const { return executable_; }

 private:
  std::vector<Mapping> executable_;  // sorted by address, not overlapping
};

}  // namespace scalene::collector
