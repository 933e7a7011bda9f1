// Python strings as they lie in memory, made into UTF-8. CPython stores 1, 2 or 4 bytes per character (Latin-1, UCS-2,
// UCS-4); the agent sends those bytes as they are, since inside the target there is no time to convert.
//
// File names: CPython decodes bytes of a path that are not UTF-8 to lone surrogates U+DC80..U+DCFF ("surrogateescape").
// They are given back as the one byte they stand for, so the result can be passed to open(2) and equals
// os.fsencode(name). The way back: a byte that is not part of valid UTF-8 is written as U+DC00 + byte, for instance
// "\udce9" in JSON. Anything else that is no character (other lone surrogates, code points above U+10FFFF) becomes
// U+FFFD. Threads: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace scalene::cpython {

// `kind` is the number of bytes per character; any other kind than 1, 2, 4 gives "". A cut last character is dropped.
std::string ToUtf8(int kind, std::span<const uint8_t> raw);

}  // namespace scalene::cpython
