#include "collector/elf_file.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>
#include <random>

#include "collector/code_region.h"

namespace scalene::collector {
namespace {

std::string Scratch(const std::string& name) { return testing::TempDir() + "elf_file_test." + name; }

std::vector<char> Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Write(const std::string& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Asks for everything; the answers do not matter.
void Exercise(const std::string& path) {
  Result<ElfFile> file = ElfFile::Open(path);
  if (!file.ok()) return;
  const SymbolTable symbols = SymbolTable::Of(file.value());
  InterpreterRegions::Of(file.value(), symbols);
  file.value().BuildId();
  file.value().ObjectSymbols();
  for (const uint64_t offset : {uint64_t{0}, uint64_t{4096}, ~uint64_t{0}}) {
    AddressOfFileOffset(file.value().segments(), offset);
    file.value().ReadAt(offset, 64);
    symbols.Find(offset);
  }
}

TEST(ElfFile, OwnExecutableHasFunctionsWithNames) {
  Result<ElfFile> file = ElfFile::Open("/proc/self/exe");
  ASSERT_TRUE(file.ok()) << file.message();
  EXPECT_FALSE(file.value().FunctionSymbols().empty());
  EXPECT_FALSE(file.value().FunctionStarts().empty());
  EXPECT_NE(file.value().FindSection(".text"), nullptr);
  EXPECT_EQ(file.value().FindSection(".no-such-section"), nullptr);
}

TEST(ElfFile, PositionInTheFileLeadsToAnAddress) {
  Result<ElfFile> file = ElfFile::Open("/proc/self/exe");
  ASSERT_TRUE(file.ok()) << file.message();
  const ElfSection* text = file.value().FindSection(".text");
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(AddressOfFileOffset(file.value().segments(), text->offset + 5), text->address + 5);
  EXPECT_FALSE(AddressOfFileOffset(file.value().segments(), ~uint64_t{0}).has_value());
}

TEST(ElfFile, StrangersAreRefusedWithTheirPath) {
  EXPECT_NE(ElfFile::Open("/no/such/file").message().find("/no/such/file"), std::string::npos);
  EXPECT_FALSE(ElfFile::Open("/proc/self").ok());
  EXPECT_FALSE(ElfFile::Open("/dev/zero").ok());
  Write(Scratch("text"), {'#', '!', '/'});
  EXPECT_FALSE(ElfFile::Open(Scratch("text")).ok());
  std::remove(Scratch("text").c_str());
}

TEST(ElfFile, FifoDoesNotHoldUpTheReader) {
  const std::string path = Scratch("fifo");
  std::remove(path.c_str());
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(ElfFile::Open(path).ok());
  std::remove(path.c_str());
}

TEST(ElfFile, TruncatedFilesAreReadAsFarAsTheyGo) {
  const std::vector<char> whole = Contents(TAIL_CALL_LOOP);
  const std::string path = Scratch("truncated");
  for (size_t size = 0; size < whole.size(); size += 997) {
    Write(path, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    Exercise(path);
  }
  std::remove(path.c_str());
}

TEST(ElfFile, DamagedFilesDoNoHarm) {
  const std::vector<char> whole = Contents(TAIL_CALL_LOOP);
  const std::string path = Scratch("damaged");
  std::mt19937 random(7);
  for (int round = 0; round < 150; round++) {
    std::vector<char> damaged = whole;
    const bool in_header = round % 3 == 0;
    for (int i = 0; i < 20; i++) damaged[random() % (in_header ? 1024 : damaged.size())] = static_cast<char>(random());
    // The section headers are at the end: damage them, too.
    for (int i = 0; i < 5; i++) damaged[damaged.size() - 1 - random() % 1600] = static_cast<char>(random());
    Write(path, damaged);
    Exercise(path);
  }
  std::remove(path.c_str());
}

TEST(ElfFile, AbsurdSectionSizesAreNotAllocated) {
  std::vector<char> bytes = Contents(TAIL_CALL_LOOP);
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (int i = 0; i < header.e_shnum; i++) {
    const uint64_t huge = uint64_t{1} << 50;
    char* section = bytes.data() + header.e_shoff + static_cast<size_t>(i) * sizeof(Elf64_Shdr);
    std::memcpy(section + offsetof(Elf64_Shdr, sh_size), &huge, sizeof huge);
  }
  Write(Scratch("huge"), bytes);
  Exercise(Scratch("huge"));
  std::remove(Scratch("huge").c_str());
}

}  // namespace
}  // namespace scalene::collector
