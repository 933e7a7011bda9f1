#include "profile/code_point.h"

namespace scalene::profile {
namespace {

struct Lead {
  size_t length;      // bytes of the character; 0: no lead byte
  char32_t bits;      // payload of the lead byte
  char32_t smallest;  // below it the form is overlong
};

Lead ReadLead(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xc2 && byte < 0xe0) return {2, byte & 0x1fu, 0x80};
  if (byte >= 0xe0 && byte < 0xf0) return {3, byte & 0x0fu, 0x800};
  if (byte >= 0xf0 && byte < 0xf5) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

bool IsCharacter(char32_t c) { return c < 0x110000 && (c < 0xd800 || c >= 0xe000); }

}  // namespace

char32_t NextCodePoint(std::string_view text, size_t& at) {
  const size_t start = at++;
  const Lead lead = ReadLead(static_cast<unsigned char>(text[start]));
  if (lead.length == 0 || start + lead.length > text.size()) return kReplacementCodePoint;
  char32_t c = lead.bits;
  for (size_t i = 1; i < lead.length; i++) {
    const auto byte = static_cast<unsigned char>(text[start + i]);
    if ((byte & 0xc0) != 0x80) return kReplacementCodePoint;
    c = c << 6 | (byte & 0x3f);
  }
  if (c < lead.smallest || !IsCharacter(c)) return kReplacementCodePoint;
  at = start + lead.length;
  return c;
}

}  // namespace scalene::profile
