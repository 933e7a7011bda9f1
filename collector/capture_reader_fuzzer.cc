// Any bytes as a capture: the reader ends with records or a sentence, and every record can be dumped.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include "collector/capture_reader.h"
#include "wire/dump.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  scalene::UniqueFd file(memfd_create("capture", MFD_CLOEXEC));
  if (!file.valid() || write(file.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  lseek(file.get(), 0, SEEK_SET);
  auto reader = scalene::collector::CaptureReader::Read(std::move(file), "fuzz");
  if (!reader.ok()) return 0;
  for (int records = 0; records < 10'000; ++records) {
    const auto record = reader.value().Next();
    if (!record.ok() || !record.value()) break;
    (void)scalene::wire::DumpRecord(record.value()->bytes);
  }
  return 0;
}
