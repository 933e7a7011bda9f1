// From an answer to the text that it proposes: the diffs in it are looked for where they fit, since models copy lines
// well and count them badly. What does not fit is an error, never a guess.
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "advise/prompt.h"
#include "base/status.h"

namespace scalene::advise {

// `text` with what the answer proposes: a unified diff, or failing that one block of Python in place of the region.
Result<std::string> Proposed(std::string_view text, Region region, std::string_view answer, std::string_view file_name);

// In the form of `diff -u`, with three lines of context; "" when nothing differs.
std::string UnifiedDiff(std::string_view before, std::string_view now, std::string_view file_name);

}  // namespace scalene::advise
