// Which lines leak: they go on allocating blocks that nobody frees. Judged over sampled blocks older than the last tenth of
// the run, so that what is still in use does not count.
#pragma once

#include <map>

#include "profile/document.h"
#include "profile/memory_counts.h"

namespace scalene::profile {

// By line; `end_sec`: recorded time of the run.
std::map<int, Leak> LeaksOf(const std::map<int, const LineMemory*>& lines, double end_sec);

}  // namespace scalene::profile
