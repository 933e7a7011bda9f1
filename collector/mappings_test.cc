#include "collector/mappings.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace scalene::collector {
namespace {

constexpr char kText[] =
    "00400000-00401000 r--p 00000000 fe:01 1234                               /usr/bin/python3.11\n"
    "00401000-00800000 r-xp 00001000 fe:01 1234                               /usr/bin/python3.11\n"
    "7f0000000000-7f0000002000 rwxp 00000000 00:00 0 \n"
    "7f0000010000-7f0000020000 r-xp 00003000 fe:01 99                         /opt/my lib/a\\012b.so (deleted)\n"
    "7ffff0000000-7ffff0001000 r-xp 00000000 00:00 0                          [vdso]\n"
    "7ffff0002000-7ffff0003000 rw-p 00000000 00:00 0                          [stack]\n";

TEST(Mappings, AddressLeadsToFileAndPosition) {
  const Mappings mappings = Mappings::Parse(kText);
  const Mapping* mapping = mappings.Find(0x402345);
  ASSERT_NE(mapping, nullptr);
  EXPECT_EQ(mapping->path, "/usr/bin/python3.11");
  EXPECT_EQ(mapping->kind, MappingKind::kFile);
  EXPECT_EQ(mapping->inode, 1234u);
  EXPECT_EQ(mapping->device, makedev(0xfe, 1));
  EXPECT_EQ(mapping->FileOffsetOf(0x402345), 0x2345u);
}

TEST(Mappings, OnlyExecutableRangesAreKept) {
  const Mappings mappings = Mappings::Parse(kText);
  EXPECT_EQ(mappings.executable().size(), 4u);
  EXPECT_EQ(mappings.Find(0x400500), nullptr);
  EXPECT_EQ(mappings.Find(0x7ffff0002500), nullptr);
}

TEST(Mappings, EndIsOutside) {
  const Mappings mappings = Mappings::Parse(kText);
  EXPECT_NE(mappings.Find(0x7fffff), nullptr);
  EXPECT_EQ(mappings.Find(0x800000), nullptr);
}

TEST(Mappings, RemovedFileKeepsItsNameWithBlanksAndNewlines) {
  const Mappings mappings = Mappings::Parse(kText);
  const Mapping* mapping = mappings.Find(0x7f0000010000);
  ASSERT_NE(mapping, nullptr);
  EXPECT_EQ(mapping->path, "/opt/my lib/a\nb.so");
  EXPECT_TRUE(mapping->deleted);
}

TEST(Mappings, CodeWithoutFileIsAnonymousOrTheKernels) {
  const Mappings mappings = Mappings::Parse(kText);
  EXPECT_EQ(mappings.Find(0x7f0000000000)->kind, MappingKind::kAnonymous);
  EXPECT_EQ(mappings.Find(0x7ffff0000000)->kind, MappingKind::kVdso);
}

TEST(Mappings, GarbageIsLeftOut) {
  for (const char* text : {"", "\n\n", "x", "10-5 r-xp 0 0:0 0 /a", "1-2 r-xp", "1-2 r-xp 0 00 0 /a", "-- -- -- --"}) {
    EXPECT_TRUE(Mappings::Parse(text).executable().empty()) << text;
  }
}

TEST(Mappings, OwnProcessIsReadable) {
  Result<Mappings> own = Mappings::OfProcess(getpid());
  ASSERT_TRUE(own.ok()) << own.message();
  EXPECT_NE(own.value().Find(reinterpret_cast<uint64_t>(&Mappings::Parse)), nullptr);
}

TEST(Mappings, EndedProcessIsAnErrorWithItsPath) {
  EXPECT_NE(Mappings::OfProcess(-1).message().find("/proc/-1/maps"), std::string::npos);
}

}  // namespace
}  // namespace scalene::collector
