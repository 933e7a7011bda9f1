// Any bytes give a document or a sentence. What was read once can be checked.
#include "profile/document_check.h"
#include "profile/profile_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto document = scalene::profile::ReadProfile(text);
  if (document.ok()) scalene::profile::CheckDocument(document.value());
  return 0;
}
