// UTF-8 as the profile needs it: everything in a Document is valid UTF-8, whatever the files and the program held.
// Valid means what JSON parsers accept: no overlong forms, no surrogates, nothing above U+10FFFF.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scalene::profile {

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

// Length of the longest valid prefix, in bytes.
size_t ValidUtf8Prefix(std::string_view bytes);

inline bool IsValidUtf8(std::string_view bytes) { return ValidUtf8Prefix(bytes) == bytes.size(); }

// The same text with U+FFFD for every byte that belongs to no character.
std::string ToValidUtf8(std::string_view bytes);

// Appends one code point; what is none (a surrogate, a number too large) becomes U+FFFD.
void AppendUtf8(char32_t code_point, std::string& out);

}  // namespace scalene::profile
