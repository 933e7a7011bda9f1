// The encoding of a Python source file: the byte order mark, the cookie of PEP 263, and the way from bytes to UTF-8.
// A file that does not keep its promise, or names an encoding nobody knows, still becomes text: bad bytes are U+FFFD.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace scalene::profile {

// The encoding named by a cookie in line 1 or 2, as written there ("latin-1", "UTF8"); empty without one.
std::string_view EncodingCookie(std::string_view bytes);

// The whole file as valid UTF-8. A UTF-8 byte order mark is dropped and means UTF-8, whatever the cookie says.
std::string DecodeSource(std::string bytes);

}  // namespace scalene::profile
