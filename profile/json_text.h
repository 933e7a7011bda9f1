// JSON strings, both ways. Encoding gives ASCII; bytes that are not UTF-8 become U+FFFD. Decoding gives UTF-8, but a lone
// \udc80..\udcff becomes the byte 0x80..0xff that Python meant by it (the reference writes path bytes so).
#pragma once

#include <string>
#include <string_view>

namespace scalene::profile {

// Appends `utf8` in quotes.
void AppendJsonString(std::string_view utf8, std::string& out);

// Replaces `out` by the text between the quotes of a JSON string. False when an escape is malformed.
bool DecodeJsonString(std::string_view between_quotes, std::string& out);

}  // namespace scalene::profile
