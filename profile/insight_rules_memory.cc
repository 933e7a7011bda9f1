// Memory that grows, peaks or is copied.
#include <algorithm>

#include "profile/insight_rules.h"

namespace scalene::profile::rules {
namespace {

constexpr double kWorthALook = 10;  // MiB

const Line* LineOf(const File& file, int number) {
  const auto index = static_cast<size_t>(std::max(number, 1)) - 1;
  return index < file.lines.size() ? &file.lines[index] : nullptr;
}

struct LeakPlace {
  const std::string* path = nullptr;
  const File* file = nullptr;
  int line = 0;
  Leak leak;
};

std::vector<LeakPlace> LeaksBySpeed(const Document& document) {
  std::vector<LeakPlace> places;
  for (const auto& [path, file] : document.files) {
    for (const auto& [line, leak] : file.leaks) places.push_back({&path, &file, line, leak});
  }
  std::stable_sort(places.begin(), places.end(),
                   [](const LeakPlace& a, const LeakPlace& b) { return a.leak.velocity_mb_s > b.leak.velocity_mb_s; });
  return places;
}

}  // namespace

Finding Leaks(const InsightFacts& facts) {
  const std::vector<LeakPlace> places = LeaksBySpeed(facts.document);
  if (places.empty()) return {};
  const LeakPlace& worst = places.front();
  Insight insight{
      "leak",
      "hot",
      places.size() == 1 ? "Memory leaks." : "Memory leaks in " + std::to_string(places.size()) + " places.",
      {Code(facts.Name(*worst.path, worst.line)),
       Plain(" keeps what it allocates: " + MebibyteWords(worst.leak.velocity_mb_s) + "/s, likelihood " +
             PercentWords(worst.leak.likelihood))},
      MebibyteWords(worst.leak.velocity_mb_s) + "/s",
      0.9,  // whatever the time says, a leak is news
      {}};
  const Line* line = LineOf(*worst.file, worst.line);
  insight.text.push_back(
      Plain(line && line->live_end_mb > 0 ? ", " + MebibyteWords(line->live_end_mb) + " at exit." : "."));
  for (const LeakPlace& place : places) {
    if (insight.evidence.size() < 5) insight.evidence.push_back({*place.path, place.line, 0, ""});
  }
  return insight;
}

Finding MemoryGrowth(const InsightFacts& facts) {
  const std::vector<MemoryPoint>& points = facts.document.samples;
  if (points.size() < 3 || !LeaksBySpeed(facts.document).empty()) return {};
  const double peak = facts.document.max_footprint_mb, end = points.back().mb, grown = end - points.front().mb;
  if (peak < kWorthALook || end < 0.9 * peak || grown < 0.5 * peak) return {};
  const auto lines = facts.Highest([](const Line& line) { return line.live_end_mb; }, 3);
  Insight insight{"memory-growth",
                  "mem-python",
                  "Memory grows to the end.",
                  {Plain("The program ends near its peak of " + MebibyteWords(peak))},
                  MebibyteWords(end),
                  0.2,
                  EvidenceOf(lines)};
  if (!lines.empty()) {
    insight.text.push_back(Plain("; most of it was allocated at "));
    insight.text.push_back(Code(facts.Name(*lines.front().path, lines.front().line->lineno)));
  }
  insight.text.push_back(Plain("."));
  return insight;
}

Finding PeakMemory(const InsightFacts& facts) {
  const Document& document = facts.document;
  if (document.max_footprint_mb < kWorthALook) return {};
  const auto at_peak = facts.Highest([](const Line& line) { return line.at_peak_mb; }, 3);
  const auto lines = at_peak.empty() ? facts.Highest([](const Line& line) { return line.peak_mb; }, 3) : at_peak;
  if (lines.empty()) return {};
  const Line& most = *lines.front().line;
  // Estimates of different windows: one may come out above the peak, which is exact.
  const double here = std::min(most.at_peak_mb > 0 ? most.at_peak_mb : most.peak_mb, document.max_footprint_mb);
  if (here < 0.3 * document.max_footprint_mb) return {};
  return Insight{"peak-memory",
                 "mem-python",
                 "One line holds the memory.",
                 {Code(facts.Name(*lines.front().path, most.lineno)),
                  Plain(" allocated " + MebibyteWords(here) + " of the peak of " +
                        MebibyteWords(document.max_footprint_mb) + ".")},
                 MebibyteWords(here),
                 0.1,
                 EvidenceOf(lines)};
}

Finding Copies(const InsightFacts& facts) {
  double mb_per_s = 0;
  for (const auto& [path, file] : facts.document.files) {
    for (const Line& line : file.lines) mb_per_s += line.copy_mb_s;
  }
  if (mb_per_s < 200) return {};  // a tenth of what a core can copy
  const auto lines = facts.Highest([](const Line& line) { return line.copy_mb_s; }, 3);
  return Insight{"copies",
                 "copy",
                 "Much is copied.",
                 {Plain(MebibyteWords(mb_per_s * facts.document.elapsed_time_sec) + " in all, most by "),
                  Code(facts.Name(*lines.front().path, lines.front().line->lineno)), Plain(".")},
                 MebibyteWords(mb_per_s) + "/s",
                 std::min(mb_per_s / 10'000, 0.5),
                 EvidenceOf(lines)};
}

}  // namespace scalene::profile::rules
