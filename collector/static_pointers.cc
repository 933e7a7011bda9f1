#include "collector/static_pointers.h"

#include <elf.h>

#include <cstring>

namespace scalene::collector {
namespace {

template <typename T>
T LoadAt(const std::vector<uint8_t>& bytes, uint64_t offset) {
  T value{};
  if (offset <= bytes.size() && sizeof value <= bytes.size() - offset) {
    std::memcpy(&value, bytes.data() + offset, sizeof value);
  }
  return value;
}

}  // namespace

StaticPointers::StaticPointers(const ElfFile& file) : file_(file) {
  const ElfSection* section = file.FindSection(".rela.dyn");
  if (section == nullptr) return;
  const std::vector<uint8_t> bytes = file.Read(*section);
  for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= bytes.size(); at += sizeof(Elf64_Rela)) {
    const auto entry = LoadAt<Elf64_Rela>(bytes, at);
    const uint64_t type = ELF64_R_TYPE(entry.r_info);
    if (type != R_X86_64_RELATIVE && type != R_AARCH64_RELATIVE) continue;
    relocated_[entry.r_offset] = static_cast<uint64_t>(entry.r_addend);
  }
}

uint64_t StaticPointers::At(uint64_t address) const {
  if (const auto found = relocated_.find(address); found != relocated_.end()) return found->second;
  return LoadAt<uint64_t>(file_.ReadAt(address, sizeof(uint64_t)), 0);
}

std::vector<uint64_t> StaticPointers::Words(const ElfSection& section) const {
  const std::vector<uint8_t> bytes = file_.Read(section);
  std::vector<uint64_t> words(bytes.size() / sizeof(uint64_t));
  for (size_t i = 0; i < words.size(); i++) {
    const auto found = relocated_.find(section.address + i * sizeof(uint64_t));
    words[i] = found != relocated_.end() ? found->second : LoadAt<uint64_t>(bytes, i * sizeof(uint64_t));
  }
  return words;
}

}  // namespace scalene::collector
