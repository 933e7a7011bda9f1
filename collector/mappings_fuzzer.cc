// A process chooses the names in its maps file: any text must give an ordered list of ranges.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "collector/mappings.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto mappings = scalene::collector::Mappings::Parse(text);
  for (const auto& mapping : mappings.executable()) {
    if (mapping.start >= mapping.end) __builtin_trap();
  }
  mappings.Find(size);
  return 0;
}
