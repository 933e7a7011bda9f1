// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), for the signature that Amazon asks for. Small, not fast.
// Threads: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace scalene::advise {

using Digest = std::array<uint8_t, 32>;

Digest Sha256(std::string_view bytes);
Digest HmacSha256(std::string_view key, std::string_view bytes);

inline std::string_view BytesOf(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
std::string Hexadecimal(const Digest& digest);

}  // namespace scalene::advise
