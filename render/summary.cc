#include "render/summary.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "profile/format.h"
#include "profile/path_rules.h"

namespace scalene::render {
namespace {

using profile::Document;
using profile::File;
using profile::FormatSeconds;
using profile::FormatTenths;

// 100 %: the reference's profiles do not say, theirs is the elapsed time.
double TotalSeconds(const Document& document) {
  return document.totals.total_sec > 0 ? document.totals.total_sec : document.elapsed_time_sec;
}

// "held by f.py:12 71%, g.py:3 20%"; "" without any.
std::string HoldersOf(const File& file, const char* reason, std::vector<profile::Holder> profile::Row::*holders) {
  constexpr size_t kMostNamed = 3;
  constexpr double kLeastShare = 0.01;
  std::map<std::pair<std::string, int>, double> sums;
  double waited = 0;
  for (const profile::Line& line : file.lines) {
    if (const auto wait = line.waits.find(reason); wait != line.waits.end()) waited += wait->second;
    for (const profile::Holder& holder : line.*holders) sums[{holder.file, holder.line}] += holder.sec;
  }
  if (waited <= 0) return "";
  std::vector<std::pair<std::pair<std::string, int>, double>> longest(sums.begin(), sums.end());
  std::stable_sort(longest.begin(), longest.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (longest.size() > kMostNamed) longest.resize(kMostNamed);
  std::string text;
  for (const auto& [place, seconds] : longest) {
    if (seconds < kLeastShare * waited) continue;
    const auto& [path, line] = place;
    const std::string name =
        line == 0 ? "unprofiled code"
                  : std::string(path.starts_with('/') ? profile::BaseNameOf(path) : path) + ":" + std::to_string(line);
    text += (text.empty() ? "held by " : ", ") + name + " " + profile::FormatWhole(100 * seconds / waited) + "%";
  }
  return text;
}

}  // namespace

std::string MemoryHeadline(const Document& document) {
  if (!document.memory || document.max_footprint_mb <= 0) return "";
  std::string text = "Memory usage: (max: " + profile::FormatMebibytes(document.max_footprint_mb) +
                     ", growth rate: " + profile::FormatWhole(document.growth_rate) + "%)";
  if (document.native_allocations_mb > 0) {
    text += " (" + profile::FormatMebibytes(document.native_allocations_mb) + " from native threads)";
  }
  return text;
}

std::string GilHeadline(const Document& document) {
  constexpr double kLeastShare = 0.01;
  const Document::Gil& gil = document.gil;
  if (gil.looked_sec <= 0 || gil.contended_sec < kLeastShare * gil.looked_sec) return "";
  const auto share = [&gil](double sec) { return FormatTenths(100 * sec / gil.looked_sec) + "%"; };
  return "GIL: held " + share(gil.held_sec) + " of the time, " + share(gil.native_sec) +
         " by native code; threads waited for it " + share(gil.contended_sec) + " of the time.";
}

std::vector<std::string> InsightSentences(const profile::Insights& insights) {
  constexpr size_t kMost = 5;  // more would push the tables out of sight
  std::vector<std::string> sentences;
  if (std::string headline = profile::PlainText(insights.headline); !headline.empty())
    sentences.push_back(std::move(headline) + ".");
  for (const profile::Insight& insight : insights.all) {
    if (sentences.size() <= kMost) sentences.push_back(insight.title + " " + profile::PlainText(insight.text));
  }
  return sentences;
}

std::string FileShare(const Document& document, const File& file) {
  const double total = TotalSeconds(document);
  std::string percent = profile::FormatHundredths(file.percent_cpu_time);
  percent.insert(0, std::max<size_t>(percent.size(), 6) - percent.size(), ' ');
  std::string text = "% of time = " + percent + "% (" + FormatSeconds(file.percent_cpu_time / 100 * total) +
                     ") out of " + FormatSeconds(total);
  if (std::abs(total - document.elapsed_time_sec) > 0.01 * document.elapsed_time_sec) {
    text += ", elapsed " + FormatSeconds(document.elapsed_time_sec);
  }
  return text + ".";
}

std::string SourceNote(const File& file) {
  if (file.source == "changed") return "The file has changed since the run began: this is the source of its start.";
  if (file.source == "none") return "The source was not found.";
  return "";
}

std::string FunctionShare(const profile::Function& function) {
  std::string text =
      FormatTenths(function.cpu_percent_python) + "% Python, " + FormatTenths(function.cpu_percent_c) + "% native";
  if (function.async_await_percent > 0) text += ", " + FormatTenths(function.async_await_percent) + "% await";
  return text;
}

std::string FileWaits(const File& file) {
  profile::NamedSums sums;
  for (const profile::Line& line : file.lines) {
    for (const auto& [reason, seconds] : line.waits) sums[reason] += seconds;
  }
  std::vector<std::pair<std::string, double>> longest(sums.begin(), sums.end());
  std::stable_sort(longest.begin(), longest.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [reason, seconds] : longest) {
    if (seconds < 0.0005) continue;
    std::string name = reason;
    std::replace(name.begin(), name.end(), '_', ' ');
    text += (text.empty() ? "" : ", ") + name + " " + FormatSeconds(seconds);
  }
  return text;
}

std::vector<std::string> FileHolders(const File& file) {
  std::vector<std::string> sentences;
  const auto add = [&sentences](const char* what, const std::string& holders) {
    if (!holders.empty()) sentences.push_back(std::string(what) + ": " + holders);
  };
  add("GIL", HoldersOf(file, "gil", &profile::Row::gil_holders));
  add("Locks", HoldersOf(file, "lock", &profile::Row::lock_holders));
  return sentences;
}

}  // namespace scalene::render
