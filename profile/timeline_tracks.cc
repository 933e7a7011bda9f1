#include "profile/timeline_tracks.h"

#include <algorithm>
#include <array>

namespace scalene::profile {
namespace {

// Spans with less between them are one: nobody sees the gap, and a sample's place within its interval is chance.
constexpr int64_t kGapUs = 2000;

enum Kind : size_t { kGc, kIo, kGil, kAwait, kKinds, kNone = kKinds };
constexpr std::array<std::pair<std::string_view, std::string_view>, kKinds> kNames = {
    {{"gc", "GC"}, {"io", "I/O"}, {"gil", "GIL"}, {"await", "await"}}};

bool IsCollector(const Frame& frame) {
  return frame.kind == FrameKind::kNative && (frame.name.starts_with("gc_collect") || frame.name == "_PyGC_Collect");
}

Kind KindOf(const Stack& stack) {
  if (stack.frames.empty()) return kNone;
  const std::string_view last = stack.frames.back().name;
  if (last == "[wait] gil") return kGil;
  if (last == "[wait] read" || last == "[wait] write" || last == "[wait] poll") return kIo;
  if (last.starts_with("[await] ")) return kAwait;
  return std::any_of(stack.frames.begin(), stack.frames.end(), IsCollector) ? kGc : kNone;
}

void Extend(std::vector<Span>& spans, const TimelineRun& run) {
  const int64_t end = run.start_us + run.length_us;
  if (spans.empty() || run.start_us > spans.back().start_us + spans.back().length_us + kGapUs) {
    spans.push_back({run.start_us, run.length_us});
  } else {
    Span& last = spans.back();
    last.length_us = std::max(last.length_us, end - last.start_us);
  }
}

}  // namespace

std::vector<Track> TracksOf(const Document& document, const std::vector<TimelineRun>& runs) {
  std::vector<Kind> kinds;
  for (const Stack& stack : document.combined_stacks) kinds.push_back(KindOf(stack));
  std::array<std::vector<Span>, kKinds> spans;
  for (const TimelineRun& run : runs) {
    if (const Kind kind = kinds[run.stack]; kind != kNone) Extend(spans[kind], run);
  }
  std::vector<Track> tracks;
  for (size_t kind = 0; kind < kKinds; kind++) {
    if (!spans[kind].empty()) tracks.push_back({kNames[kind].first, kNames[kind].second, std::move(spans[kind])});
  }
  return tracks;
}

}  // namespace scalene::profile
