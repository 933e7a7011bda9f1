// How source text stands in the "line" of a line row: & < > are replaced by the six characters \u0026 \u003c \u003e, as
// the reference implementation writes them. Nothing else is. A text that itself contains one of the three sequences
// cannot be told from a replaced one, so it also carries "raw", the untouched text, which wins when reading.
#pragma once

#include <string>
#include <string_view>

namespace scalene::profile {

// Appends `text` with & < > replaced.
void AppendEscapedSource(std::string_view text, std::string& out);

// Turns the three sequences back, and only these.
std::string UnescapeSource(std::string_view text);

// Whether escaping loses what the text was.
bool SourceIsAmbiguous(std::string_view text);

}  // namespace scalene::profile
