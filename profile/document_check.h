// Whether a document makes sense: everything that the reference's validator checks, and what we require beyond it
// (docs/profile-format.md). Tests and debug builds run it over every profile that is written; each sentence is a bug.
#pragma once

#include <string>
#include <vector>

#include "profile/document.h"

namespace scalene::profile {

// What is wrong, at most 100 sentences, each with the place and the values in it. Empty: nothing.
std::vector<std::string> CheckDocument(const Document& document);

// Brings values that rounding has carried over a bound back to it: percentages and fractions into their range, averages
// to peaks, peaks to the maximum footprint. Called once, before writing. What was further off than rounding (10^-9
// relative) is counted in losses["render"]["clamped"].
void ClampToBounds(Document& document);

}  // namespace scalene::profile
