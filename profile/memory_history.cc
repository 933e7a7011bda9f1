#include "profile/memory_history.h"

#include <algorithm>

namespace scalene::profile {

size_t MemoryHistory::SpanOf(double time_sec) const {
  return std::min(kSpans - 1, static_cast<size_t>(std::max(0.0, time_sec) / span_sec_));
}

void MemoryHistory::Halve() {
  for (size_t i = 0; i < kSpans / 2; ++i) {
    const Span &first = spans_[2 * i], &second = spans_[2 * i + 1];
    spans_[i] = {first.made + second.made, first.freed + second.freed, second.live_at_end};
  }
  std::fill(spans_.begin() + kSpans / 2, spans_.end(), Span{});
  span_sec_ *= 2;
  last_ /= 2;
}

void MemoryHistory::Reach(double time_sec, double live_before) {
  const auto fill_up_to = [&](size_t span) {
    for (; last_ < span; ++last_) spans_[last_].live_at_end = live_before;
  };
  while (time_sec >= span_sec_ * kSpans) {
    fill_up_to(kSpans - 1);
    spans_[last_].live_at_end = live_before;
    Halve();
    ++last_;
  }
  fill_up_to(SpanOf(time_sec));
}

void MemoryHistory::AddMade(double time_sec, double live_before) {
  Reach(time_sec, live_before);
  ++spans_[SpanOf(time_sec)].made;
}

void MemoryHistory::AddFreed(double made_sec, double time_sec, double live_before) {
  Reach(time_sec, live_before);
  ++spans_[SpanOf(made_sec)].freed;
}

MemoryHistory::Blocks MemoryHistory::MadeBefore(double time_sec) const {
  Blocks blocks;
  const size_t end = SpanOf(time_sec);
  for (size_t i = 0; i < end; ++i) {
    blocks.made += spans_[i].made;
    blocks.freed += spans_[i].freed;
  }
  return blocks;
}

double MemoryHistory::LiveAt(double time_sec) const {
  const size_t span = SpanOf(time_sec);
  return span == 0 ? 0 : spans_[span - 1].live_at_end;
}

}  // namespace scalene::profile
