#include "profile/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "profile/code_point.h"
#include "profile/utf8.h"

namespace scalene::profile {
namespace {

// ---- Encoding ----

// Characters that stand for themselves inside a JSON string.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x7f; c++) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void AppendUnit(std::string& out, uint32_t unit) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 15];
}

void AppendEscape(std::string& out, char32_t c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
  }
  if (c < 0x10000) return AppendUnit(out, c);
  AppendUnit(out, 0xd800 + ((c - 0x10000) >> 10));
  AppendUnit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
}

// ---- Decoding ----

// The UTF-16 unit after "\u" at the start of `text`.
std::optional<uint32_t> ReadUnit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  uint32_t unit = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  if (error != std::errc() || end != text.data() + 6) return std::nullopt;
  return unit;
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

void AppendLoneSurrogate(uint32_t unit, std::string& out) {
  if (unit >= 0xdc80 && unit <= 0xdcff) {
    out += static_cast<char>(unit - 0xdc00);
  } else {
    AppendUtf8(kReplacementCodePoint, out);
  }
}

// Decodes the \uXXXX at the start of `text`, with its second half if it is a pair. Returns the characters used, 0 = bad.
size_t DecodeUnits(std::string_view text, std::string& out) {
  const auto unit = ReadUnit(text);
  if (!unit) return 0;
  if (!IsHighSurrogate(*unit) && !IsLowSurrogate(*unit)) {
    AppendUtf8(*unit, out);
    return 6;
  }
  const auto second = IsHighSurrogate(*unit) ? ReadUnit(text.substr(6)) : std::nullopt;
  if (!second || !IsLowSurrogate(*second)) {
    AppendLoneSurrogate(*unit, out);
    return 6;
  }
  AppendUtf8(0x10000 + ((*unit - 0xd800) << 10) + (*second - 0xdc00), out);
  return 12;
}

// The character that a two-character escape stands for, or 0.
char ShortEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return 0;
  }
}

// Decodes the escape at the start of `text`. Returns the characters used, 0 = bad.
size_t DecodeEscape(std::string_view text, std::string& out) {
  if (text.size() < 2) return 0;
  if (text[1] == 'u') return DecodeUnits(text, out);
  const char c = ShortEscape(text[1]);
  if (c) out += c;
  return c ? 2 : 0;
}

}  // namespace

void AppendJsonString(std::string_view utf8, std::string& out) {
  out += '"';
  for (size_t at = 0; at < utf8.size();) {
    size_t end = at;
    while (end < utf8.size() && kPlain[static_cast<unsigned char>(utf8[end])]) end++;
    out += utf8.substr(at, end - at);
    at = end;
    if (at < utf8.size()) AppendEscape(out, NextCodePoint(utf8, at));
  }
  out += '"';
}

bool DecodeJsonString(std::string_view between_quotes, std::string& out) {
  out.clear();
  for (size_t at = 0; at < between_quotes.size();) {
    const size_t backslash = std::min(between_quotes.find('\\', at), between_quotes.size());
    out += between_quotes.substr(at, backslash - at);
    at = backslash;
    if (at == between_quotes.size()) return true;
    const size_t used = DecodeEscape(between_quotes.substr(at), out);
    if (used == 0) return false;
    at += used;
  }
  return true;
}

}  // namespace scalene::profile
