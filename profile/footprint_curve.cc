#include "profile/footprint_curve.h"

#include <algorithm>
#include <cmath>

namespace scalene::profile {

void FootprintCurve::Add(double time_sec, double bytes) {
  if (!points_.empty()) time_sec = std::max(time_sec, points_.back().time_sec);
  points_.push_back({std::max(0.0, time_sec), std::max(0.0, bytes)});
  if (points_.size() >= 2 * kMost) points_ = Thin(points_, kMost);
}

// Of equal spans of time the extremes, between the first point and the last.
std::vector<FootprintCurve::Point> FootprintCurve::Thin(const std::vector<Point>& points, size_t most) {
  if (points.size() <= most) return points;
  const auto lower = [](const Point& a, const Point& b) { return a.bytes < b.bytes; };
  const size_t spans = (most - 2) / 2;
  const double begin = points.front().time_sec, width = (points.back().time_sec - begin) / static_cast<double>(spans);
  std::vector<Point> kept{points.front()};
  auto from = points.begin() + 1;
  const auto end = points.end() - 1;
  for (size_t span = 1; span <= spans && from != end; ++span) {
    const double limit = begin + width * static_cast<double>(span);
    const auto to =
        span == spans ? end : std::find_if(from, end, [limit](const Point& p) { return p.time_sec > limit; });
    if (from == to) continue;
    auto low = std::min_element(from, to, lower), high = std::max_element(from, to, lower);
    if (high < low) std::swap(low, high);
    kept.push_back(*low);
    if (high != low) kept.push_back(*high);
    from = to;
  }
  kept.push_back(points.back());
  return kept;
}

std::vector<MemoryPoint> FootprintCurve::Points(size_t most) const {
  std::vector<MemoryPoint> shown;
  for (const Point& point : Thin(points_, most)) {
    shown.push_back({static_cast<int64_t>(std::llround(point.time_sec * 1e9)), point.bytes / (1 << 20)});
  }
  return shown;
}

}  // namespace scalene::profile
