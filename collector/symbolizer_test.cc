#include "collector/symbolizer.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "collector/perf_map.h"
#include "collector/process_code.h"

namespace scalene::collector {
namespace {

uint64_t AddressOf(const void* code) { return reinterpret_cast<uint64_t>(code); }

TEST(Symbolizer, OwnFunctionHasItsDemangledName) {
  Symbolizer symbolizer;
  ProcessCode code(getpid(), symbolizer);
  const CodeAddress address = code.Locate(AddressOf(reinterpret_cast<const void*>(&RegionOfFunction)) + 2);
  EXPECT_EQ(address.region, CodeRegion::kOtherModule);
  const SymbolName name = code.NameOf(address);
  EXPECT_EQ(name.name.substr(0, name.name.find('(')), "scalene::collector::RegionOfFunction");
  EXPECT_EQ(name.offset, 2u);
  EXPECT_FALSE(symbolizer.IsInterpreter(address.module));
}

TEST(Symbolizer, LibcIsKnownByItsFile) {
  Symbolizer symbolizer;
  ProcessCode code(getpid(), symbolizer);
  const CodeAddress address = code.Locate(AddressOf(dlsym(RTLD_DEFAULT, "getpid")));
  EXPECT_EQ(address.region, CodeRegion::kLibc);
  EXPECT_NE(symbolizer.PathOf(address.module).find("libc"), std::string::npos);
}

TEST(Symbolizer, OneFileIsOneModule) {
  Symbolizer symbolizer;
  ProcessCode first(getpid(), symbolizer), second(getpid(), symbolizer);
  const uint64_t pc = AddressOf(reinterpret_cast<const void*>(&Demangle));
  EXPECT_EQ(first.Locate(pc).module, second.Locate(pc).module);
}

TEST(Symbolizer, AddressInNoMappingIsUnknown) {
  Symbolizer symbolizer;
  ProcessCode code(getpid(), symbolizer);
  const CodeAddress address = code.Locate(16);
  EXPECT_EQ(address.module, kNoModule);
  EXPECT_EQ(address.region, CodeRegion::kUnknown);
  EXPECT_EQ(code.NameOf(address).name, "");
}

TEST(Symbolizer, LibraryLoadedLaterIsFound) {
  Symbolizer symbolizer;
  ProcessCode code(getpid(), symbolizer);
  void* library = dlopen(TAIL_CALL_LOOP, RTLD_NOW);
  ASSERT_NE(library, nullptr) << dlerror();
  usleep(60'000);  // mappings are not read again within 50 ms
  const CodeAddress address = code.Locate(AddressOf(dlsym(library, "PyObject_Shared")));
  EXPECT_TRUE(symbolizer.IsInterpreter(address.module));
  EXPECT_EQ(code.NameOf(address).name, "PyObject_Shared");
  dlclose(library);
}

TEST(Symbolizer, RemovedLibraryKeepsItsNames) {
  const std::filesystem::path copy = std::filesystem::path(testing::TempDir()) / "removed-library.so";
  std::filesystem::copy_file(TAIL_CALL_LOOP, copy, std::filesystem::copy_options::overwrite_existing);
  void* library = dlopen(copy.c_str(), RTLD_NOW);
  ASSERT_NE(library, nullptr) << dlerror();
  std::filesystem::remove(copy);
  Symbolizer symbolizer;
  ProcessCode code(getpid(), symbolizer);
  const CodeAddress address = code.Locate(AddressOf(dlsym(library, "PyObject_Shared")));
  EXPECT_EQ(symbolizer.PathOf(address.module), copy.string());
  const bool can_open_removed_files = access("/proc/self/map_files", R_OK | X_OK) == 0 && geteuid() == 0;
  EXPECT_EQ(code.NameOf(address).name, can_open_removed_files ? "PyObject_Shared" : "");
  dlclose(library);
}

TEST(Symbolizer, EndedProcessIsNoModule) {
  Symbolizer symbolizer;
  ProcessCode code(-1, symbolizer);
  EXPECT_EQ(code.Locate(AddressOf(reinterpret_cast<const void*>(&Demangle))).region, CodeRegion::kUnknown);
}

TEST(Demangle, NamesAreAsTheirAuthorsWroteThem) {
  EXPECT_EQ(Demangle("_ZN3foo3barEi"), "foo::bar(int)");
  EXPECT_EQ(Demangle("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
  EXPECT_EQ(Demangle("list_sort_impl.constprop.0"), "list_sort_impl");
  EXPECT_EQ(Demangle("_ZNot_mangled"), "_ZNot_mangled");
  EXPECT_EQ(Demangle(""), "");
}

class PerfMapTest : public testing::Test {
 protected:
  PerfMapTest() : path_(testing::TempDir() + "perf-map-test.map") { std::filesystem::remove(path_); }
  ~PerfMapTest() override { std::filesystem::remove(path_); }
  void Append(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }
  std::string NameAt(uint64_t address) {
    const auto function = map_.Find(address);
    return function ? function->name : "";
  }

  std::string path_;
  PerfMapFile map_{path_};
};

TEST_F(PerfMapTest, FunctionsAreFoundByAddress) {
  Append("1000 20 py::f:/a b.py\n0x2000 0x10 g\n");
  EXPECT_EQ(NameAt(0x1000), "py::f:/a b.py");
  EXPECT_EQ(NameAt(0x101f), "py::f:/a b.py");
  EXPECT_EQ(NameAt(0x1020), "");
  EXPECT_EQ(NameAt(0x200f), "g");
}

TEST_F(PerfMapTest, LinesAddedLaterAreRead) {
  EXPECT_EQ(NameAt(0x1000), "");
  Append("1000 20 early\n3000 1");
  EXPECT_EQ(NameAt(0x1000), "early");
  EXPECT_EQ(NameAt(0x3000), "");
  Append("0 late\n");
  EXPECT_EQ(NameAt(0x3000), "late");
}

TEST_F(PerfMapTest, LaterFunctionReplacesTheOneAtItsAddress) {
  Append("1000 20 old\n1000 30 new\n");
  EXPECT_EQ(NameAt(0x1025), "new");
}

TEST_F(PerfMapTest, GarbageIsLeftOut) {
  Append("\nx y z\n1000\n1000 20\nffffffffffffffff ff wraps\n1000 0 empty\n2000 10 good\n");
  EXPECT_EQ(NameAt(0x1000), "");
  EXPECT_EQ(NameAt(0x2000), "good");
}

TEST_F(PerfMapTest, LinkIsNotFollowed) {
  const std::string real = path_ + ".real";
  std::ofstream(real) << "1000 20 f\n";
  std::filesystem::create_symlink(real, path_);
  EXPECT_EQ(NameAt(0x1000), "");
  std::filesystem::remove(real);
}

}  // namespace
}  // namespace scalene::collector
