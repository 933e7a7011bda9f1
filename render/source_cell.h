// A line of source as the last cell of a row: made harmless, tabs expanded, highlighted, cut to its width, never wrapped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "render/python_tokens.h"
#include "render/terminal_palette.h"

namespace scalene::render {

struct SourceCellStyle {
  size_t width;  // in cells; kUncut: no limit
  bool ascii;
  const Palette* palette;
};
inline constexpr size_t kUncut = static_cast<size_t>(-1);

// `tokens`: the kind of every byte of `line`.
std::string SourceCell(std::string_view line, const std::vector<Token>& tokens, const SourceCellStyle& style);

// Plain text cut to a width, for names and paths.
std::string CutText(std::string_view text, size_t width, bool ascii);

}  // namespace scalene::render
