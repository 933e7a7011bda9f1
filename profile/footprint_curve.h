// FootprintCurve: bytes over recorded time, few points out of any number. Of each span of time the lowest and the highest
// value stay, so that no peak is lost; when there are too many spans, two become one.
// Threads: a value.
#pragma once

#include <cstdint>
#include <vector>

#include "profile/document.h"

namespace scalene::profile {

class FootprintCurve {
 public:
  // Times do not fall by more than the jitter between processes.
  void Add(double time_sec, double bytes);
  // At most `most` points, in order of time; first, last, lowest and highest are among them.
  std::vector<MemoryPoint> Points(size_t most) const;
  bool empty() const { return points_.empty(); }

 private:
  static constexpr size_t kMost = 400;
  struct Point {
    double time_sec = 0, bytes = 0;
  };
  static std::vector<Point> Thin(const std::vector<Point>& points, size_t most);
  std::vector<Point> points_;
};

}  // namespace scalene::profile
