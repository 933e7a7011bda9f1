// Any bytes are a request, half of one, or refused; what is accepted keeps its promises.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "render/http_request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using scalene::render::ParsedRequest;
  const auto parsed = scalene::render::ParseHttpRequest({reinterpret_cast<const char*>(data), size});
  const bool refused = parsed.state == ParsedRequest::State::kRefused;
  if (refused != (parsed.status >= 400)) abort();
  if (parsed.state != ParsedRequest::State::kComplete) return 0;
  if (!parsed.request.path.starts_with('/') || parsed.request.body.size() > size) abort();
  return 0;
}
