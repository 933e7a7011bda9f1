// Any text as a configuration file, YAML and TOML: refused or read, never more.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cli/config_value.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)scalene::cli::ReadYaml(text, "fuzz.yaml");
  (void)scalene::cli::ReadToml(text, "fuzz.toml", {"tool", "scalene"});
  return 0;
}
