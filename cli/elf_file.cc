#include "cli/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cstring>
#include <string_view>

namespace scalene::cli {
namespace {

#if defined(__x86_64__)
constexpr int kOurMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int kOurMachine = EM_AARCH64;
#else
#error "Scalene runs on x86-64 and aarch64"
#endif

constexpr size_t kMostNeeded = 64;

// A read-only view of a file.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path) {
    int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return;
    struct stat status {};
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
      size_ = static_cast<size_t>(status.st_size);
      void* data = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
      data_ = data == MAP_FAILED ? nullptr : static_cast<const char*>(data);
    }
    close(fd);
  }
  ~MappedFile() {
    if (data_) munmap(const_cast<char*>(data_), size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  template <typename T>
  bool Read(uint64_t offset, T& value) const {
    if (!data_ || offset > size_ || size_ - offset < sizeof(T)) return false;
    memcpy(&value, data_ + offset, sizeof(T));
    return true;
  }

  // The zero-terminated text at an offset; "" when it leaves the file.
  std::string_view Text(uint64_t offset) const {
    if (!data_ || offset >= size_) return "";
    const void* end = memchr(data_ + offset, 0, size_ - offset);
    return end ? std::string_view(data_ + offset, static_cast<const char*>(end)) : "";
  }

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

class ElfReader {
 public:
  ElfReader(const MappedFile& file, const Elf64_Ehdr& header) : file_(file), header_(header) {}

  void Fill(ElfFacts& facts) const {
    for (int i = 0; i < header_.e_phnum; ++i) {
      Elf64_Phdr segment;
      if (!file_.Read(At(header_.e_phoff, i, sizeof segment), segment)) return;
      if (segment.p_type == PT_INTERP) facts.has_loader = true;
      if (segment.p_type == PT_DYNAMIC) ReadNeeded(segment, facts);
    }
    ReadPythonVersion(facts);
  }

 private:
  static uint64_t At(uint64_t start, int index, size_t size) { return start + static_cast<uint64_t>(index) * size; }

  std::optional<uint64_t> FileOffset(uint64_t address) const {
    for (int i = 0; i < header_.e_phnum; ++i) {
      Elf64_Phdr segment;
      if (!file_.Read(At(header_.e_phoff, i, sizeof segment), segment)) break;
      bool holds_it =
          segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz;
      if (holds_it) return segment.p_offset + (address - segment.p_vaddr);
    }
    return std::nullopt;
  }

  void ReadNeeded(const Elf64_Phdr& segment, ElfFacts& facts) const {
    std::vector<uint64_t> names;
    std::optional<uint64_t> strings;
    for (uint64_t offset = 0; offset < segment.p_filesz; offset += sizeof(Elf64_Dyn)) {
      Elf64_Dyn entry;
      if (!file_.Read(segment.p_offset + offset, entry) || entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_NEEDED && names.size() < kMostNeeded) names.push_back(entry.d_un.d_val);
      if (entry.d_tag == DT_STRTAB) strings = FileOffset(entry.d_un.d_ptr);
    }
    for (uint64_t name : names) {
      if (strings) facts.needed.emplace_back(file_.Text(*strings + name));
    }
  }

  // _Py_DebugOffsets, the beginning of .PyRuntime: "xdebugpy", then PY_VERSION_HEX as 64 bits.
  void ReadPythonVersion(ElfFacts& facts) const {
    Elf64_Shdr names;
    if (!file_.Read(At(header_.e_shoff, header_.e_shstrndx, sizeof names), names)) return;
    for (int i = 0; i < header_.e_shnum; ++i) {
      Elf64_Shdr section;
      if (!file_.Read(At(header_.e_shoff, i, sizeof section), section)) return;
      if (file_.Text(names.sh_offset + section.sh_name) != ".PyRuntime" || section.sh_type == SHT_NOBITS) continue;
      char cookie[8];
      uint64_t version;
      bool is_marked = file_.Read(section.sh_offset, cookie) && memcmp(cookie, "xdebugpy", sizeof cookie) == 0;
      if (is_marked && file_.Read(section.sh_offset + sizeof cookie, version)) facts.python_version_hex = version;
    }
  }

  const MappedFile& file_;
  const Elf64_Ehdr& header_;
};

}  // namespace

std::optional<ElfFacts> ReadElf(const std::string& path) {
  MappedFile file(path);
  unsigned char ident[EI_NIDENT];
  if (!file.Read(0, ident) || memcmp(ident, ELFMAG, SELFMAG) != 0) return std::nullopt;
  ElfFacts facts;
  facts.elf_class = ident[EI_CLASS];
  uint16_t machine = 0;  // at the same place in both classes
  file.Read(offsetof(Elf64_Ehdr, e_machine), machine);
  bool is_our_order = ident[EI_DATA] == (std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB);
  facts.machine = is_our_order ? machine : (machine >> 8 | (machine & 0xff) << 8);
  Elf64_Ehdr header;
  if (facts.elf_class == ELFCLASS64 && is_our_order && file.Read(0, header)) ElfReader(file, header).Fill(facts);
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
