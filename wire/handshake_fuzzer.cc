// SCALENE_COLLECTOR comes from the environment, so it may hold any text: what is taken for an address must be one.
#include <cstddef>
#include <cstdint>
#include <string>

#include "wire/handshake.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  scalene::wire::CollectorAddress address{};
  if (!scalene::wire::ParseCollectorAddress(text.c_str(), &address)) return 0;
  if (address.interval_ns == 0) __builtin_trap();
  for (const char digit : address.name) {
    if (scalene::wire::internal::HexDigit(digit) < 0) __builtin_trap();
  }
  return 0;
}
