#include "cli/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "base/load.h"
#include "base/unique_fd.h"
#include "collector/elf_file.h"

namespace scalene::cli {
namespace {

#if defined(__x86_64__)
constexpr int kOurMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int kOurMachine = EM_AARCH64;
#else
#error "Scalene runs on x86-64 and aarch64"
#endif

// What is at the same place in every ELF file, of whatever class and byte order.
struct Beginning {
  unsigned char ident[EI_NIDENT];
  uint16_t type, machine;
};

std::optional<Beginning> ReadBeginning(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));  // it may be a FIFO
  Beginning beginning{};
  if (!file.valid() || pread(file.get(), &beginning, sizeof beginning, 0) != static_cast<ssize_t>(sizeof beginning) ||
      memcmp(beginning.ident, ELFMAG, SELFMAG) != 0) {
    return std::nullopt;
  }
  return beginning;
}

// _Py_DebugOffsets, the beginning of .PyRuntime: "xdebugpy", then PY_VERSION_HEX as 64 bits.
std::optional<uint64_t> PythonVersionHex(const collector::ElfFile& file) {
  const collector::ElfSection* section = file.FindSection(".PyRuntime");
  if (section == nullptr) return std::nullopt;
  const std::vector<uint8_t> bytes = file.ReadAt(section->address, 16);
  if (bytes.size() < 16 || memcmp(bytes.data(), "xdebugpy", 8) != 0) return std::nullopt;
  return Load<uint64_t>(bytes.data() + 8);
}

}  // namespace

std::optional<ElfFacts> ReadElf(const std::string& path) {
  const std::optional<Beginning> beginning = ReadBeginning(path);
  if (!beginning) return std::nullopt;
  ElfFacts facts;
  const bool is_our_order = beginning->ident[EI_DATA] == ELFDATA2LSB;
  facts.elf_class = beginning->ident[EI_CLASS];
  facts.machine = is_our_order ? beginning->machine : (beginning->machine >> 8 | (beginning->machine & 0xff) << 8);
  if (!IsOurMachine(facts.elf_class, facts.machine)) return facts;
  const auto file = collector::ElfFile::Open(path);
  if (!file.ok()) return facts;
  facts.has_loader = file.value().has_loader();
  facts.needed = file.value().NeededLibraries();
  facts.python_version_hex = PythonVersionHex(file.value());
  return facts;
}

std::string MachineName(int elf_class, int machine) {
  switch (machine) {
    case EM_X86_64:
      return elf_class == ELFCLASS32 ? "x32" : "x86-64";
    case EM_AARCH64:
      return "aarch64";
    case EM_386:
      return "32-bit x86";
    case EM_ARM:
      return "32-bit ARM";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "POWER";
    case EM_S390:
      return "s390x";
    default:
      return "machine type " + std::to_string(machine);
  }
}

bool IsOurMachine(int elf_class, int machine) { return elf_class == ELFCLASS64 && machine == kOurMachine; }

}  // namespace scalene::cli
