// When the program collected garbage, waited for files and sockets, for the GIL, or for what it awaits: the runs of all
// threads whose stack says so, as spans.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "profile/document.h"
#include "profile/timeline_runs.h"

namespace scalene::profile {

struct Span {
  int64_t start_us = 0, length_us = 0;
};

struct Track {
  std::string_view id, label;
  std::vector<Span> spans;  // of any thread: ordered, apart from each other
};

// `runs` in order of their starts. Tracks without a span are left out.
std::vector<Track> TracksOf(const Document& document, const std::vector<TimelineRun>& runs);

}  // namespace scalene::profile
