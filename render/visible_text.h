// Text from a profile as it may be shown in a terminal. Whoever wrote the profile, or the program in it, chose that text:
// a control character in it could move the cursor, change the title or reorder what is read. So none is ever passed on;
// each becomes something visible. Tabs become the spaces up to the next multiple of 4.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scalene::render {

// One character of the source and what is shown for it.
struct VisibleCharacter {
  size_t offset;     // of the character in the original text
  std::string text;  // what is shown
  size_t width;      // in cells
};

// `ascii`: the reader cannot show more than ASCII, so other characters become '?'.
std::vector<VisibleCharacter> VisibleCharacters(std::string_view text, bool ascii);

// Whether every character is shown as itself in one cell, byte by byte: most source is.
bool IsPlainText(std::string_view text);

// The same as plain text, for names and paths.
std::string VisibleText(std::string_view text, bool ascii);

}  // namespace scalene::render
