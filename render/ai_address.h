// Where a written page may ask for proposals. The address goes into the page's policy and into its text, so only what is
// plainly an address passes: nothing that could widen the policy, hide where it leads, or carry a key in the clear.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace scalene::render {

struct AiAddress {
  std::string url;     // "https://host:8443/v1", without a slash at its end
  std::string origin;  // "https://host:8443"
};

Result<AiAddress> ParseAiAddress(std::string_view text);

}  // namespace scalene::render
