#include "render/visible_text.h"

#include <algorithm>

#include "profile/code_point.h"
#include "render/text_width.h"

namespace scalene::render {
namespace {

constexpr size_t kTabStop = 4;

// Characters without a shape that change how their neighbours are read: direction marks, joiners, byte order marks,
// line separators, tags.
bool IsInvisible(char32_t c) {
  return c == 0xad || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

std::string Hex(char32_t c) {
  std::string digits;
  for (; c > 0 || digits.size() < 4; c >>= 4) digits.insert(digits.begin(), "0123456789abcdef"[c & 15]);
  return digits;
}

// What is shown for one character other than a tab.
std::string Shown(char32_t c, std::string_view original, bool ascii) {
  if (c < 0x20) return {'^', static_cast<char>(c + '@')};
  if (c == 0x7f) return "^?";
  if ((c >= 0x80 && c < 0xa0) || IsInvisible(c)) return "<U+" + Hex(c) + ">";
  if (c == profile::kReplacementCodePoint && !ascii) return "\xef\xbf\xbd";
  return ascii && c > 0x7f ? std::string(CharacterWidth(c), '?') : std::string(original);
}

}  // namespace

std::vector<VisibleCharacter> VisibleCharacters(std::string_view text, bool ascii) {
  std::vector<VisibleCharacter> characters;
  size_t column = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const char32_t c = profile::NextCodePoint(text, at);
    VisibleCharacter shown{
        start,
        c == '\t' ? std::string(kTabStop - column % kTabStop, ' ') : Shown(c, text.substr(start, at - start), ascii),
        0};
    shown.width = TextWidth(shown.text);
    column += shown.width;
    characters.push_back(std::move(shown));
  }
  return characters;
}

bool IsPlainText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::string VisibleText(std::string_view text, bool ascii) {
  if (IsPlainText(text)) return std::string(text);
  std::string shown;
  for (const VisibleCharacter& character : VisibleCharacters(text, ascii)) shown += character.text;
  return shown;
}

}  // namespace scalene::render
