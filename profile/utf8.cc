#include "profile/utf8.h"

#include <cstdint>
#include <cstring>

namespace scalene::profile {
namespace {

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Length of the character that starts here, 0 if none does.
size_t CharacterLength(const unsigned char* at, size_t left) {
  const unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;  // a continuation, an overlong form, or beyond U+10FFFF
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (left < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(at[i])) return 0;
  }
  if (lead == 0xE0 && at[1] < 0xA0) return 0;   // overlong
  if (lead == 0xED && at[1] >= 0xA0) return 0;  // surrogates
  if (lead == 0xF0 && at[1] < 0x90) return 0;   // overlong
  if (lead == 0xF4 && at[1] >= 0x90) return 0;  // beyond U+10FFFF
  return length;
}

bool EightAsciiBytes(const unsigned char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return (word & 0x8080808080808080u) == 0;
}

}  // namespace

size_t ValidUtf8Prefix(std::string_view bytes) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t at = 0;
  while (at < bytes.size()) {
    if (bytes.size() - at >= 8 && EightAsciiBytes(data + at)) {
      at += 8;
      continue;
    }
    const size_t length = CharacterLength(data + at, bytes.size() - at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

std::string ToValidUtf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (true) {
    const size_t valid = ValidUtf8Prefix(bytes);
    out.append(bytes.substr(0, valid));
    if (valid == bytes.size()) return out;
    out.append(kReplacementCharacter);
    bytes.remove_prefix(valid + 1);
  }
}

void AppendUtf8(char32_t c, std::string& out) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
    out.append(kReplacementCharacter);
  } else if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  }
}

}  // namespace scalene::profile
