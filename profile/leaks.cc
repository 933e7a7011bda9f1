#include "profile/leaks.h"

#include <cmath>
#include <optional>

namespace scalene::profile {
namespace {

constexpr double kMebibyte = 1 << 20;
constexpr double kLeastScore = 0.95, kLeastGrowth = 0.05;

// 1 - (f + 1) / (m - f + 2), m blocks made, f of them freed.
double Score(const MemoryHistory::Blocks& blocks) {
  const auto made = static_cast<double>(blocks.made), freed = static_cast<double>(blocks.freed);
  return 1 - (freed + 1) / (made - freed + 2);
}

// A line that holds 1 MiB or more, grew by 5 % in the second half of the run, and by more than chance would make of it.
std::optional<Leak> LeakOf(const LineMemory& line, double end_sec) {
  MemoryHistory history = line.history;
  const double live = line.held.live();
  history.Reach(end_sec, live);
  const double score = Score(history.MadeBefore(end_sec * 0.9));
  const double middle = history.LiveAt(end_sec / 2), growth = live - middle;
  if (score < kLeastScore || live < kMebibyte || growth < kLeastGrowth * middle || growth <= 0) return std::nullopt;
  const double variance = line.live_variance > 0 ? line.live_variance * growth / live : 0;
  if (growth < 2 * 1.96 * std::sqrt(variance)) return std::nullopt;
  return Leak{score, growth / kMebibyte / (end_sec / 2)};
}

}  // namespace

std::map<int, Leak> LeaksOf(const std::map<int, const LineMemory*>& lines, double end_sec) {
  std::map<int, Leak> leaks;
  if (end_sec <= 0) return leaks;
  for (const auto& [number, line] : lines) {
    if (const auto leak = LeakOf(*line, end_sec)) leaks[number] = *leak;
  }
  return leaks;
}

}  // namespace scalene::profile
