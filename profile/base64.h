// Base64 (RFC 4648, with padding), for bytes that are no text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scalene::profile {

std::string ToBase64(std::string_view bytes);

// Nothing when `text` is not base64.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace scalene::profile
