#include "collector/elf_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace scalene::collector {
namespace {

constexpr uint64_t kMaxSymbols = 4u << 20;

// The string that starts at `offset` in a string table that need not be terminated.
std::string StringAt(const std::vector<uint8_t>& table, uint64_t offset) {
  if (offset >= table.size()) return "";
  const char* start = reinterpret_cast<const char*>(table.data()) + offset;
  return std::string(start, strnlen(start, table.size() - offset));
}

template <typename T>
T LoadAt(const std::vector<uint8_t>& bytes, uint64_t offset) {
  T value{};
  if (offset <= bytes.size() && sizeof value <= bytes.size() - offset) {
    std::memcpy(&value, bytes.data() + offset, sizeof value);
  }
  return value;
}

bool IsFunction(const Elf64_Sym& symbol) {
  const int type = ELF64_ST_TYPE(symbol.st_info);
  return type == STT_FUNC || type == STT_GNU_IFUNC;
}

bool IsWanted(const Elf64_Sym& symbol, bool functions) {
  if (symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0) return false;
  return functions ? IsFunction(symbol) : ELF64_ST_TYPE(symbol.st_info) == STT_OBJECT;
}

}  // namespace

Result<ElfFile> ElfFile::Open(const std::string& path) {
  ElfFile file;
  // O_NONBLOCK: the name may lead to a FIFO.
  file.descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file.descriptor_ < 0) return Status::Error("cannot open " + path + ": " + std::strerror(errno));
  struct stat info;
  if (fstat(file.descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) return Status::Error(path + " is no regular file");
  file.size_ = static_cast<uint64_t>(info.st_size);
  const Status status = file.ReadHeaders(path);
  if (!status.ok()) return status;
  return file;
}

ElfFile::ElfFile(ElfFile&& other) noexcept { *this = std::move(other); }

ElfFile& ElfFile::operator=(ElfFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  size_ = other.size_;
  machine_ = other.machine_;
  has_loader_ = other.has_loader_;
  position_independent_ = other.position_independent_;
  segments_ = std::move(other.segments_);
  sections_ = std::move(other.sections_);
  return *this;
}

ElfFile::~ElfFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool ElfFile::ReadBytes(uint64_t offset, void* into, uint64_t size) const {
  if (offset > size_ || size > size_ - offset) return false;
  for (uint64_t done = 0; done < size;) {
    const ssize_t got =
        pread(descriptor_, static_cast<char*>(into) + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<uint64_t>(got);
  }
  return true;
}

Status ElfFile::ReadHeaders(const std::string& path) {
  Elf64_Ehdr header;
  if (!ReadBytes(0, &header, sizeof header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return Status::Error(path + " is no ELF file");
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return Status::Error(path + " is no 64-bit little-endian ELF file");
  }
  machine_ = header.e_machine;
  position_independent_ = header.e_type == ET_DYN;
  ReadSegments(header);
  ReadSections(header);
  return Status();
}

// Tables that lie outside the file, or have entries of another size, are as good as missing.
void ElfFile::ReadSegments(const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> raw(header.e_phnum);
  if (header.e_phentsize != sizeof raw[0] || !ReadBytes(header.e_phoff, raw.data(), raw.size() * sizeof raw[0])) return;
  for (const Elf64_Phdr& segment : raw) {
    has_loader_ |= segment.p_type == PT_INTERP;
    if (segment.p_type != PT_LOAD) continue;
    segments_.push_back({segment.p_vaddr, segment.p_offset, segment.p_filesz, (segment.p_flags & PF_X) != 0});
  }
}

void ElfFile::ReadSections(const Elf64_Ehdr& header) {
  std::vector<Elf64_Shdr> raw(header.e_shnum);
  if (header.e_shentsize != sizeof raw[0] || !ReadBytes(header.e_shoff, raw.data(), raw.size() * sizeof raw[0])) return;
  uint64_t total = 0;
  for (const Elf64_Shdr& section : raw) {
    // Sections do not overlap. In a file made to have us read the same bytes a thousand times they do.
    total += section.sh_type == SHT_NOBITS ? 0 : std::min<uint64_t>(section.sh_size, size_);
    if (total > size_) break;
    sections_.push_back({"", section.sh_type, section.sh_link, section.sh_addr, section.sh_offset, section.sh_size});
  }
  if (header.e_shstrndx >= sections_.size()) return;
  const std::vector<uint8_t> names = Read(sections_[header.e_shstrndx]);
  for (size_t i = 0; i < sections_.size(); i++) sections_[i].name = StringAt(names, raw[i].sh_name);
}

const ElfSection* ElfFile::FindSection(std::string_view name) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(), [&](const auto& s) { return s.name == name; });
  return found != sections_.end() ? &*found : nullptr;
}

std::vector<uint8_t> ElfFile::Read(const ElfSection& section) const {
  if (section.type == SHT_NOBITS || section.size > kMaxSectionBytes) return {};
  if (section.offset > size_ || section.size > size_ - section.offset) return {};
  std::vector<uint8_t> bytes(section.size);
  if (!ReadBytes(section.offset, bytes.data(), bytes.size())) bytes.clear();
  return bytes;
}

std::string ElfFile::BuildId() const {
  const ElfSection* section = FindSection(".note.gnu.build-id");
  if (section == nullptr || section->size > 4096) return "";
  const std::vector<uint8_t> note = Read(*section);
  const uint32_t name_size = LoadAt<uint32_t>(note, 0);
  const uint32_t id_size = LoadAt<uint32_t>(note, 4);
  const uint64_t start = 12 + ((uint64_t{name_size} + 3) & ~uint64_t{3});
  if (LoadAt<uint32_t>(note, 8) != NT_GNU_BUILD_ID || id_size > 64 || start + id_size > note.size()) return "";
  std::string text;
  for (uint32_t i = 0; i < id_size; i++) {
    text += "0123456789abcdef"[note[start + i] >> 4];
    text += "0123456789abcdef"[note[start + i] & 0xf];
  }
  return text;
}

std::vector<std::string> ElfFile::NeededLibraries() const {
  const ElfSection* section = FindSection(".dynamic");
  if (section == nullptr || section->link >= sections_.size()) return {};
  const std::vector<uint8_t> entries = Read(*section), names = Read(sections_[section->link]);
  std::vector<std::string> needed;
  for (uint64_t offset = 0; offset < entries.size() && needed.size() < kMaxNeeded; offset += sizeof(Elf64_Dyn)) {
    const auto entry = LoadAt<Elf64_Dyn>(entries, offset);
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED) needed.push_back(StringAt(names, entry.d_un.d_val));
  }
  return needed;
}

std::optional<uint64_t> AddressOfFileOffset(const std::vector<ElfSegment>& segments, uint64_t offset) {
  // Mapped pages reach beyond a segment's ends, so the executable segment is asked first.
  for (const bool executable : {true, false}) {
    for (const ElfSegment& segment : segments) {
      if (segment.executable != executable || offset < segment.offset) continue;
      if (offset - segment.offset < segment.file_size) return segment.address + (offset - segment.offset);
    }
  }
  return {};
}

std::vector<uint8_t> ElfFile::ReadAt(uint64_t address, uint64_t size) const {
  for (const ElfSegment& segment : segments_) {
    if (address < segment.address || address - segment.address >= segment.file_size) continue;
    const uint64_t skipped = address - segment.address;
    if (skipped > size_ || segment.offset > size_ - skipped) return {};
    const uint64_t offset = segment.offset + skipped;
    std::vector<uint8_t> bytes(std::min({size, segment.file_size - skipped, size_ - offset, kMaxSectionBytes}));
    if (!ReadBytes(offset, bytes.data(), bytes.size())) bytes.clear();
    return bytes;
  }
  return {};
}

bool ElfFile::HasSymbolTable() const {
  return std::any_of(sections_.begin(), sections_.end(), [](const auto& s) { return s.type == SHT_SYMTAB; });
}

uint32_t ElfFile::BestTable() const { return HasSymbolTable() ? SHT_SYMTAB : SHT_DYNSYM; }

std::vector<ElfSymbol> ElfFile::Symbols(uint32_t table_type, bool functions) const {
  std::vector<ElfSymbol> symbols;
  for (const ElfSection& section : sections_) {
    if (section.type != table_type || section.link >= sections_.size()) continue;
    const std::vector<uint8_t> table = Read(section);
    const std::vector<uint8_t> names = Read(sections_[section.link]);
    const uint64_t count = std::min<uint64_t>(table.size() / sizeof(Elf64_Sym), kMaxSymbols);
    for (uint64_t i = 0; i < count; i++) {
      const auto symbol = LoadAt<Elf64_Sym>(table, i * sizeof(Elf64_Sym));
      if (!IsWanted(symbol, functions)) continue;
      symbols.push_back({symbol.st_value, symbol.st_size, StringAt(names, symbol.st_name)});
    }
  }
  const auto by_address = [](const ElfSymbol& a, const ElfSymbol& b) { return a.address < b.address; };
  std::stable_sort(symbols.begin(), symbols.end(), by_address);
  return symbols;
}

std::vector<ElfSymbol> ElfFile::FunctionSymbols() const { return Symbols(BestTable(), true); }
std::vector<ElfSymbol> ElfFile::ObjectSymbols() const { return Symbols(BestTable(), false); }
std::vector<ElfSymbol> ElfFile::ExportedFunctions() const { return Symbols(SHT_DYNSYM, true); }

// .eh_frame_hdr: version 1, three encodings, the address of .eh_frame, the number of entries, then per entry two int32
// relative to the section: where the function starts, and where its unwind entry is. Other encodings are not in use.
std::vector<uint64_t> ElfFile::FunctionStarts() const {
  constexpr uint8_t kSigned4RelativeToPc = 0x1b, kUnsigned4 = 0x03, kSigned4RelativeToSection = 0x3b;
  constexpr uint64_t kTableOffset = 12, kEntrySize = 8;
  const ElfSection* section = FindSection(".eh_frame_hdr");
  if (section == nullptr) return {};
  const std::vector<uint8_t> bytes = Read(*section);
  if (bytes.size() < kTableOffset || bytes[0] != 1 || bytes[1] != kSigned4RelativeToPc) return {};
  if (bytes[2] != kUnsigned4 || bytes[3] != kSigned4RelativeToSection) return {};
  const uint64_t count = std::min<uint64_t>(LoadAt<uint32_t>(bytes, 8), (bytes.size() - kTableOffset) / kEntrySize);
  std::vector<uint64_t> starts;
  starts.reserve(count);
  for (uint64_t i = 0; i < count; i++) {
    const int64_t relative = LoadAt<int32_t>(bytes, kTableOffset + i * kEntrySize);
    starts.push_back(section->address + static_cast<uint64_t>(relative));
  }
  std::sort(starts.begin(), starts.end());
  return starts;
}

}  // namespace scalene::collector
