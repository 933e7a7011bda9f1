// A curve in one line of text: each character is the highest value of its slice of time, in eight levels from 0 to the
// highest of all.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "profile/document.h"

namespace scalene::render {

// "" when there are fewer than two points or nothing rises above 0.
std::string Sparkline(const std::vector<profile::MemoryPoint>& points, size_t characters, bool ascii);

}  // namespace scalene::render
