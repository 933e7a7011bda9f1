// Which lines of an older text are which of a newer one, so that two profiles can be compared after an edit.
// Threads: pure functions.
#pragma once

#include <string_view>
#include <vector>

namespace scalene::profile {

inline constexpr int kNoMatch = -1;

// For each line of `before` its index in `now`, or kNoMatch. Equal beginnings and ends match, then lines that occur once in
// both, in order (patience diff), then what lies equal between those. Matched lines have equal text and keep their order.
std::vector<int> MatchLines(const std::vector<std::string_view>& before, const std::vector<std::string_view>& now);

}  // namespace scalene::profile
