#include "collector/code_region.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <sstream>

#include "base/cpython/debug_offsets.h"
#include "base/cpython/interpreters_for_testing.h"

namespace scalene::collector {
namespace {

TEST(CodeRegion, NamesDecideWithOrWithoutTheOptimisersSuffixes) {
  EXPECT_EQ(RegionOfFunction("_PyEval_EvalFrameDefault"), CodeRegion::kEvalLoop);
  EXPECT_EQ(RegionOfFunction("_PyEval_EvalFrameDefault.cold"), CodeRegion::kEvalLoop);
  EXPECT_EQ(RegionOfFunction("_TAIL_CALL_BINARY_OP"), CodeRegion::kEvalLoop);
  EXPECT_EQ(RegionOfFunction("frame_dealloc.lto_priv.0"), CodeRegion::kPythonEntry);
  EXPECT_EQ(RegionOfFunction("slot_tp_init"), CodeRegion::kPythonEntry);
  EXPECT_EQ(RegionOfFunction("type_call.part.3.constprop.0"), CodeRegion::kCallMachinery);
  EXPECT_EQ(RegionOfFunction("_PyObject_Malloc"), CodeRegion::kInterpreter);
  EXPECT_EQ(RegionOfFunction(""), CodeRegion::kInterpreter);
}

TEST(CodeRegion, OnlyKnownSuffixesAreRemoved) {
  EXPECT_EQ(WithoutCompilerSuffix("f.part.3.constprop.0"), "f");
  EXPECT_EQ(WithoutCompilerSuffix("f.llvm.12345"), "f");
  EXPECT_EQ(WithoutCompilerSuffix("_ZN3foo3bar..Baz"), "_ZN3foo3bar..Baz");
}

TEST(CodeRegion, OrdinaryLibraryIsNoInterpreter) {
  Result<ElfFile> file = ElfFile::Open("/proc/self/exe");
  ASSERT_TRUE(file.ok()) << file.message();
  EXPECT_TRUE(InterpreterRegions::Of(file.value(), SymbolTable::Of(file.value())).empty());
}

TEST(CodeRegion, LoopAndMethodsAreFoundInAStrippedFile) {
  Result<ElfFile> file = ElfFile::Open(TAIL_CALL_LOOP);
  ASSERT_TRUE(file.ok()) << file.message();
  ASSERT_FALSE(file.value().HasSymbolTable());
  const InterpreterRegions regions = InterpreterRegions::Of(file.value(), SymbolTable::Of(file.value()));
  ASSERT_FALSE(regions.empty());
  // The fixture says where its nameless functions are once it is loaded.
  void* library = dlopen(TAIL_CALL_LOOP, RTLD_NOW);
  ASSERT_NE(library, nullptr) << dlerror();
  const auto* addresses = static_cast<const uint64_t*>(dlsym(library, "fixture_addresses"));
  Dl_info info;
  ASSERT_NE(dladdr(addresses, &info), 0);
  const auto base = reinterpret_cast<uint64_t>(info.dli_fbase);
  const auto region = [&](int i) { return regions.At(addresses[i] - base); };
  EXPECT_EQ(region(0), CodeRegion::kEvalLoop);  // op_0x00
  EXPECT_EQ(region(1), CodeRegion::kEvalLoop);  // op_0xff
  dlclose(library);
}

// The file that holds the interpreter: its libpython when it has one, else the executable.
std::string InterpreterFile(const cpython::TestInterpreter& interpreter) {
  std::istringstream lines(cpython::OutputOf("ldd '" + interpreter.path + "' 2>/dev/null"));
  for (std::string line; std::getline(lines, line);) {
    const size_t arrow = line.find("=> ");
    if (line.find("libpython3.") == std::string::npos || arrow == std::string::npos) continue;
    return line.substr(arrow + 3, line.rfind(" (") - arrow - 3);
  }
  return interpreter.path;
}

struct Sizes {
  uint64_t eval_loop = 0, entry = 0, callees = 0;
};

Sizes Measure(const std::string& path) {
  Sizes sizes;
  Result<ElfFile> file = ElfFile::Open(path);
  if (!file.ok()) return sizes;
  const SymbolTable symbols = SymbolTable::Of(file.value());
  const InterpreterRegions regions = InterpreterRegions::Of(file.value(), symbols);
  for (size_t i = 0; i + 1 < symbols.size(); i++) {
    const SymbolTable::Function function = symbols.at(i);
    const CodeRegion region = regions.At(function.start);
    const uint64_t size = function.end - function.start;
    if (region == CodeRegion::kEvalLoop) sizes.eval_loop += size;
    if (region == CodeRegion::kPythonEntry) sizes.entry += size;
    if (region == CodeRegion::kNativeCallee) sizes.callees += size;
  }
  return sizes;
}

TEST(CodeRegion, EveryInterpreterFoundHasItsLoopEntryAndCallees) {
  const std::vector<cpython::TestInterpreter> interpreters = cpython::FindInterpreters();
  ASSERT_FALSE(interpreters.empty());
  for (const cpython::TestInterpreter& interpreter : interpreters) {
    const std::string path = InterpreterFile(interpreter);
    SCOPED_TRACE(path);
    const Sizes sizes = Measure(path);
    EXPECT_GT(sizes.eval_loop, 15000u);  // the smallest seen has 20 KiB, with its cold parts 80
    EXPECT_GT(sizes.entry, 500u);
    EXPECT_GT(sizes.callees, 100000u);
    std::cout << "  CPython " << interpreter.version << ": evaluation loop " << sizes.eval_loop << ", entry "
              << sizes.entry << ", native callees " << sizes.callees << " bytes (" << path << ")\n";
  }
}

// The point of it all: without names the map is nearly the same.
TEST(CodeRegion, StrippingAnInterpreterKeepsItsLoopAndCallees) {
  int compared = 0;
  for (const cpython::TestInterpreter& interpreter : cpython::FindInterpreters()) {
    const std::string path = InterpreterFile(interpreter);
    Result<ElfFile> file = ElfFile::Open(path);
    if (!file.ok() || !file.value().HasSymbolTable()) continue;
    SCOPED_TRACE(path);
    const std::filesystem::path copy = std::filesystem::path(testing::TempDir()) / "stripped-interpreter";
    ASSERT_EQ(std::system(("strip -o '" + copy.string() + "' '" + path + "'").c_str()), 0);
    const Sizes named = Measure(path), stripped = Measure(copy);
    std::filesystem::remove(copy);
    EXPECT_NEAR(static_cast<double>(stripped.eval_loop), static_cast<double>(named.eval_loop), named.eval_loop * 0.1);
    EXPECT_NEAR(static_cast<double>(stripped.callees), static_cast<double>(named.callees), named.callees * 0.1);
    EXPECT_GT(stripped.entry, 500u);
    compared++;
  }
  std::cout << "  compared " << compared << " interpreters that have a symbol table\n";
}

// Version and layout can be read from the file of a 3.13+ interpreter, without running it.
TEST(CodeRegion, DebugOffsetsInTheFileFitTheCompiledLayout) {
  for (const cpython::TestInterpreter& interpreter : cpython::FindInterpreters()) {
    if (interpreter.minor < 13) continue;
    const std::string path = InterpreterFile(interpreter);
    SCOPED_TRACE(path);
    Result<ElfFile> file = ElfFile::Open(path);
    ASSERT_TRUE(file.ok()) << file.message();
    const ElfSection* section = file.value().FindSection(".PyRuntime");
    ASSERT_NE(section, nullptr);
    const std::vector<uint8_t> bytes = file.value().ReadAt(section->address, cpython::kDebugOffsetsMaxSize);
    cpython::DebugOffsetsHead head;
    ASSERT_EQ(cpython::ReadDebugOffsetsHead(bytes.data(), bytes.size(), &head), cpython::DebugOffsetsError::kNone);
    EXPECT_EQ(head.minor, interpreter.minor);
    EXPECT_EQ(head.free_threaded, interpreter.free_threaded);
    cpython::Layout layout = *cpython::FindLayout(head.minor, head.free_threaded);
    const cpython::Layout compiled = layout;
    ASSERT_EQ(cpython::ApplyDebugOffsets(bytes.data(), bytes.size(), &layout), cpython::DebugOffsetsError::kNone);
    EXPECT_EQ(layout.code.version, compiled.code.version);
    EXPECT_EQ(layout.iframe.owner, compiled.iframe.owner);
    EXPECT_EQ(layout.unicode.compact_data, compiled.unicode.compact_data);
    std::cout << "  CPython " << interpreter.version << " (" << path << ")\n";
  }
}

}  // namespace
}  // namespace scalene::collector
