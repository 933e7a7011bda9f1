// How many cells of a terminal a character takes: two for East Asian wide ones, none for combining marks.
// No locale is asked: the answer is the same everywhere, which keeps columns straight in files too.
#pragma once

#include <cstddef>
#include <string_view>

namespace scalene::render {

size_t CharacterWidth(char32_t c);

// Of text without control characters.
size_t TextWidth(std::string_view utf8);

}  // namespace scalene::render
