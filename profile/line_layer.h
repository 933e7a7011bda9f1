// LineLayer: answers "which of these extents is the narrowest around line n?" for all lines at once.
//
// Extents are added in any order and painted once, narrowest first; a line keeps the first paint it gets. Cost is
// O(extents · log + lines), however deeply they nest. Of two equally narrow extents, the one added first wins: in a
// walk over a tree that adds a node when it leaves it, that is the inner one.
// Threads: a value; no synchronisation.
#pragma once

#include <algorithm>
#include <vector>

namespace scalene::profile {

struct LineExtent {
  int first = 0, last = 0;  // 1-based, inclusive
  int lines() const { return last - first + 1; }
  bool operator==(const LineExtent&) const = default;
};

class LineLayer {
 public:
  static constexpr int kNone = -1;

  explicit LineLayer(int line_count) : line_count_(line_count) {}

  void Add(LineExtent extent, int value) {
    extent.first = std::max(extent.first, 1);
    extent.last = std::min(extent.last, line_count_);
    if (extent.lines() > 0) paints_.push_back({extent, value});
  }

  // The value of every line, kNone where there is none; entry n belongs to line n, entry 0 is unused.
  std::vector<int> Paint() {
    std::stable_sort(paints_.begin(), paints_.end(),
                     [](const auto& a, const auto& b) { return a.extent.lines() < b.extent.lines(); });
    std::vector<int> values(line_count_ + 1, kNone);
    next_unpainted_.resize(line_count_ + 2);
    for (int line = 0; line <= line_count_ + 1; ++line) next_unpainted_[line] = line;
    for (const auto& [extent, value] : paints_) {
      for (int line = NextUnpainted(extent.first); line <= extent.last; line = NextUnpainted(line)) {
        values[line] = value;
        next_unpainted_[line] = line + 1;
      }
    }
    return values;
  }

 private:
  struct PaintedExtent {
    LineExtent extent;
    int value;
  };

  int NextUnpainted(int line) {
    while (next_unpainted_[line] != line) {
      next_unpainted_[line] = next_unpainted_[next_unpainted_[line]];  // halve the path for those who come after
      line = next_unpainted_[line];
    }
    return line;
  }

  int line_count_;
  std::vector<PaintedExtent> paints_;
  std::vector<int> next_unpainted_;
};

}  // namespace scalene::profile
