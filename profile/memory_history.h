// MemoryHistory: one line's sampled blocks over the run, by the time they were made: how many, how many of those were freed,
// and what was live. At most 64 spans; when the run outgrows them they double.
// Threads: a value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace scalene::profile {

class MemoryHistory {
 public:
  // Times are recorded seconds and do not fall. `live_before`: bytes live on the line up to now.
  void AddMade(double time_sec, double live_before);
  void AddFreed(double made_sec, double time_sec, double live_before);
  // The run has come to `time_sec`.
  void Reach(double time_sec, double live_before);

  struct Blocks {
    int64_t made = 0, freed = 0;
  };
  // Blocks made up to `time_sec`, by whole spans.
  Blocks MadeBefore(double time_sec) const;
  // Bytes live at that time, which was reached.
  double LiveAt(double time_sec) const;

 private:
  static constexpr size_t kSpans = 64;
  size_t SpanOf(double time_sec) const;
  void Halve();
  struct Span {
    uint32_t made = 0, freed = 0;
    double live_at_end = 0;
  };
  double span_sec_ = 0.1;
  size_t last_ = 0;  // the span at hand
  std::array<Span, kSpans> spans_{};
};

}  // namespace scalene::profile
