#include "render/sparkline.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace scalene::render {
namespace {

using profile::MemoryPoint;

constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> kAscii = {"_", ".", "-", ":", "=", "+", "*", "#"};

// The highest value of each slice of time; a slice without a point goes on where the one before ended.
std::vector<double> Slices(const std::vector<MemoryPoint>& points, size_t count) {
  const double start = static_cast<double>(points.front().t_ns);
  const double span = static_cast<double>(points.back().t_ns) - start;
  std::vector<double> highest(count, -1);
  for (const MemoryPoint& point : points) {
    const double share = span > 0 ? (static_cast<double>(point.t_ns) - start) / span : 0;
    const auto slice =
        std::min(count - 1, static_cast<size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(count)));
    highest[slice] = std::max(highest[slice], point.mb);
  }
  for (size_t i = 1; i < count; i++) {
    if (highest[i] < 0) highest[i] = highest[i - 1];
  }
  return highest;
}

}  // namespace

std::string Sparkline(const std::vector<MemoryPoint>& points, size_t characters, bool ascii) {
  if (points.size() < 2) return "";
  const std::vector<double> slices = Slices(points, characters);
  const double top = *std::max_element(slices.begin(), slices.end());
  if (!(top > 0)) return "";
  std::string text;
  for (double value : slices) {
    const auto level = std::min<size_t>(7, static_cast<size_t>(std::max(0.0, value) / top * 7 + 0.5));
    text += ascii ? kAscii[level] : kBlocks[level];
  }
  return text;
}

}  // namespace scalene::render
