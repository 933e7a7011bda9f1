// ELF files belong to the profiled program: any bytes must be read without harm.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "collector/code_region.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace scalene::collector;
  const int descriptor = memfd_create("elf_file_fuzzer", MFD_CLOEXEC);
  if (descriptor < 0 || write(descriptor, data, size) != static_cast<ssize_t>(size)) return 0;
  auto file = ElfFile::Open("/proc/self/fd/" + std::to_string(descriptor));
  if (file.ok()) {
    InterpreterRegions::Of(file.value(), SymbolTable::Of(file.value()));
    file.value().BuildId();
  }
  close(descriptor);
  return 0;
}
