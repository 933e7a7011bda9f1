#include "render/text_width.h"

#include <algorithm>
#include <iterator>

#include "profile/code_point.h"
#include "unicode/character_widths_generated.h"

namespace scalene::render {
namespace {

template <size_t N>
bool IsIn(const CodePointRange (&ranges)[N], char32_t c) {
  const auto after = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                      [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return after != std::begin(ranges) && c <= std::prev(after)->last;
}

}  // namespace

size_t CharacterWidth(char32_t c) {
  if (c < 0x300) return 1;
  if (IsIn(kZeroCharacters, c)) return 0;
  return IsIn(kWideCharacters, c) ? 2 : 1;
}

size_t TextWidth(std::string_view utf8) {
  if (std::all_of(utf8.begin(), utf8.end(), [](char c) { return static_cast<signed char>(c) >= 0; }))
    return utf8.size();
  size_t width = 0;
  for (size_t at = 0; at < utf8.size();) width += CharacterWidth(profile::NextCodePoint(utf8, at));
  return width;
}

}  // namespace scalene::render
