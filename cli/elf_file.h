// The little of an ELF file that tells one interpreter from another, for files of other machines, too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scalene::cli {

struct ElfFacts {
  int elf_class = 0;                           // ELFCLASS32, ELFCLASS64
  int machine = 0;                             // EM_*
  bool has_loader = false;                     // PT_INTERP: dynamically linked
  std::vector<std::string> needed;             // DT_NEEDED
  std::optional<uint64_t> python_version_hex;  // PY_VERSION_HEX of a .PyRuntime section (3.13+)
};

// Nothing when the file is no ELF file. For a foreign class or byte order only the first two fields are set.
std::optional<ElfFacts> ReadElf(const std::string& path);

std::string MachineName(int elf_class, int machine);
bool IsOurMachine(int elf_class, int machine);

}  // namespace scalene::cli
