#include <cstring>
#include <vector>

#include "wire/decoder.h"

// Any bytes: no crash, no read outside them.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint64_t> aligned(size / 8);
  if (!aligned.empty()) std::memcpy(aligned.data(), data, aligned.size() * 8);
  const auto event =
      scalene::wire::DecodeRecord({reinterpret_cast<const uint8_t*>(aligned.data()), aligned.size() * 8});
  if (!event) return 0;
  volatile uint64_t sum = 0;
  if (const auto* sample = std::get_if<scalene::wire::SampleEvent>(&*event)) {
    for (const auto& frame : sample->frames) sum = sum + frame.code;
  } else if (const auto* code = std::get_if<scalene::wire::CodeEvent>(&*event)) {
    for (const uint8_t byte : code->table) sum = sum + byte;
  }
  return 0;
}
