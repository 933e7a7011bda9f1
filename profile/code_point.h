// Reading UTF-8 one character at a time, from text that may be anything. Writing is in profile/utf8.h.
#pragma once

#include <cstddef>
#include <string_view>

namespace scalene::profile {

inline constexpr char32_t kReplacementCodePoint = 0xfffd;

// The character at `at`, which moves behind it. A byte that starts no well-formed character is U+FFFD by itself, so that
// the result does not depend on what follows.
char32_t NextCodePoint(std::string_view text, size_t& at);

}  // namespace scalene::profile
