// The nearest of some names to a word that was probably mistyped, for "did you mean".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scalene::cli {

// Number of single insertions, deletions, replacements and swaps of neighbours between two words.
int EditDistance(std::string_view a, std::string_view b);

// The nearest candidate, or "" when none is within a third of the word's length (at least one edit, two from four
// letters on).
// A candidate that the word begins, such as "mem" for "memory", counts as near.
std::string NearestName(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean 'cpu-only'?" or "".
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates, std::string_view before = "");

}  // namespace scalene::cli
