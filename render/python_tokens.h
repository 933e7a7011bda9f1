// Just enough of Python's lexical structure to read code more easily: keywords, names being defined, strings, comments.
// Works line by line and remembers an open triple-quoted string, so that a file is coloured in one pass from its top.
// Never fails: what it does not understand is plain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scalene::render {

enum class Token : uint8_t { kPlain, kKeyword, kDefinedName, kString, kComment };

class PythonTokens {
 public:
  // The kind of every byte of the next line.
  std::vector<Token> Line(std::string_view text);

 private:
  class Painter;
  std::string open_quote_;  // the three quotes that end the string this line begins in, or ""
};

}  // namespace scalene::render
