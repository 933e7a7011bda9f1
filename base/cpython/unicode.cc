#include "base/cpython/unicode.h"

#include <cstring>

namespace scalene::cpython {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

bool IsPathByte(uint32_t c) { return c >= 0xdc80 && c <= 0xdcff; }
bool IsSurrogate(uint32_t c) { return c >= 0xd800 && c <= 0xdfff; }

char Continuation(uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3f)); }

void AppendCodePoint(uint32_t c, std::string* out) {
  if (c < 0x80) {
    *out += static_cast<char>(c);
  } else if (c < 0x800) {
    *out += static_cast<char>(0xc0 | c >> 6);
    *out += Continuation(c);
  } else if (c < 0x10000) {
    *out += static_cast<char>(0xe0 | c >> 12);
    *out += Continuation(c >> 6);
    *out += Continuation(c);
  } else {
    *out += static_cast<char>(0xf0 | c >> 18);
    *out += Continuation(c >> 12);
    *out += Continuation(c >> 6);
    *out += Continuation(c);
  }
}

void AppendCharacter(uint32_t c, std::string* out) {
  if (IsPathByte(c)) {
    *out += static_cast<char>(c & 0xff);
    return;
  }
  AppendCodePoint(IsSurrogate(c) || c > 0x10ffff ? kReplacement : c, out);
}

template <typename Unit>
std::string Convert(std::span<const uint8_t> raw) {
  std::string out;
  out.reserve(raw.size() / sizeof(Unit));
  for (size_t i = 0; i + sizeof(Unit) <= raw.size(); i += sizeof(Unit)) {
    Unit unit;
    std::memcpy(&unit, raw.data() + i, sizeof unit);
    AppendCharacter(unit, &out);
  }
  return out;
}

}  // namespace

std::string ToUtf8(int kind, std::span<const uint8_t> raw) {
  switch (kind) {
    case 1:
      return Convert<uint8_t>(raw);
    case 2:
      return Convert<uint16_t>(raw);
    case 4:
      return Convert<uint32_t>(raw);
    default:
      return "";
  }
}

}  // namespace scalene::cpython
