#include "profile/insight_facts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "profile/metrics.h"
#include "profile/stack_tree.h"

namespace scalene::profile {
namespace {

constexpr size_t kHottest = 20, kLoops = 5;

std::string_view BaseName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

std::string Printed(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::vector<LinePlace> PlacesWith(const Document& document, size_t count, const auto& value) {
  std::vector<std::pair<double, LinePlace>> found;
  for (const auto& [path, file] : document.files) {
    for (const Line& line : file.lines) {
      const double here = value(line);
      if (here > 0) found.push_back({here, {&path, &file, &line, CpuPercent(line) / 100}});
    }
  }
  const auto end = found.begin() + static_cast<ptrdiff_t>(std::min(count, found.size()));
  std::partial_sort(found.begin(), end, found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<LinePlace> places;
  for (auto at = found.begin(); at != end; ++at) places.push_back(at->second);
  return places;
}

// Whether a line's text opens a loop.
bool OpensLoop(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\f"), text.size()));
  return text.starts_with("for ") || text.starts_with("while ") || text.starts_with("while(") ||
         text.starts_with("async for ");
}

}  // namespace

InsightFacts::InsightFacts(const Document& profile) : document(profile), total_sec(TotalSeconds(profile)) {
  double kernel_sec = 0, idle_sec = 0;
  for (const auto& [path, file] : document.files) {
    files_of_name_[BaseName(path)]++;
    for (const Line& line : file.lines) {
      python += line.cpu_percent_python / 100;
      native += line.cpu_percent_c / 100;
      system += line.sys_percent / 100;
      kernel_sec += line.kernel_sec;
      idle_sec += line.idle_sec;
    }
    AddLoops(path, file);
  }
  if (total_sec > 0) {
    kernel = kernel_sec / total_sec;
    idle = idle_sec / total_sec;
  }
  cpus = document.host_cpus_usable;
  const Totals& totals = document.totals;
  if (document.elapsed_time_sec > 0)
    busy_cpus = (totals.python_sec + totals.native_sec + totals.kernel_sec) / document.elapsed_time_sec;
  hottest = PlacesWith(document, kHottest, [](const Line& line) { return CpuPercent(line); });
  std::stable_sort(loops.begin(), loops.end(), [](const Region& a, const Region& b) { return a.share > b.share; });
  if (loops.size() > kLoops) loops.resize(kLoops);
}

void InsightFacts::AddLoops(const std::string& path, const File& file) {
  std::map<std::pair<int, int>, double> shares;
  for (const Line& line : file.lines) {
    const LineRegions& regions = line.regions;
    const double percent = CpuPercent(line);
    if (percent > 0 && regions.end_outermost_loop > regions.start_outermost_loop)
      shares[{regions.start_outermost_loop, regions.end_outermost_loop}] += percent / 100;
  }
  for (const auto& [bounds, share] : shares) {
    const auto index = static_cast<size_t>(std::max(bounds.first, 1)) - 1;
    if (index < file.lines.size() && OpensLoop(file.lines[index].text))
      loops.push_back({&path, &file, bounds.first, bounds.second, share});
  }
}

std::string InsightFacts::Name(const std::string& path) const {
  const std::string_view base = BaseName(path);
  const auto same = files_of_name_.find(base);
  if (same == files_of_name_.end() || same->second < 2 || base.size() == path.size()) return std::string(base);
  const size_t slash = path.rfind('/', path.size() - base.size() - 2);
  return path.substr(slash == path.npos ? 0 : slash + 1);
}

std::string InsightFacts::Name(const std::string& path, int first, int last) const {
  return Name(path) + ":" + std::to_string(first) + (last > first ? "–" + std::to_string(last) : "");
}

std::string InsightFacts::FunctionOf(const File& file, const Line& line) {
  const Function* innermost = nullptr;  // the last one that begins at or before the line, and holds it
  for (const Function& function : file.functions) {
    if (function.lineno > line.lineno) break;
    if (line.regions.start_function == 0 || function.lineno >= line.regions.start_function ||
        function.lineno + 20 >= line.regions.start_function)  // decorators stand above the def
      innermost = &function;
  }
  return innermost && line.regions.start_function > 0 ? innermost->text : "";
}

std::vector<LinePlace> InsightFacts::Highest(double (*value)(const Line&), size_t count) const {
  return PlacesWith(document, count, value);
}

std::vector<LinePlace> InsightFacts::LongestWaits(const std::string& reason, size_t count) const {
  return PlacesWith(document, count, [&reason](const Line& line) {
    const auto found = line.waits.find(reason);
    return found == line.waits.end() ? 0.0 : found->second;
  });
}

// ---- Words ----

TextPart Code(std::string text) { return {std::move(text), TextStyle::kCode}; }
TextPart Strong(std::string text) { return {std::move(text), TextStyle::kStrong}; }
TextPart Hot(std::string text) { return {std::move(text), TextStyle::kHot}; }
TextPart Plain(std::string text) { return {std::move(text), TextStyle::kPlain}; }

std::string PercentWords(double share) { return Printed(share < 0.0995 ? "%.1f" : "%.0f", 100 * share) + " %"; }

std::string SecondsWords(double seconds) {
  if (seconds < 0.9995) return Printed("%.0f ms", 1000 * seconds);
  if (seconds < 9.995) return Printed("%.2f s", seconds);
  if (seconds < 120) return Printed("%.1f s", seconds);
  const double whole = std::round(seconds);
  return Printed("%.0f min ", std::floor(whole / 60)) + Printed("%.0f s", std::fmod(whole, 60));
}

std::string MebibyteWords(double mebibytes) {
  if (mebibytes < 9.95) return Printed("%.1f MB", mebibytes);
  if (mebibytes < 1023.5) return Printed("%.0f MB", mebibytes);
  return Printed(mebibytes < 10235 ? "%.2f GB" : "%.1f GB", mebibytes / 1024);
}

std::string WaitWords(const std::string& reason) {
  std::string words = reason;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::vector<Evidence> EvidenceOf(const std::vector<LinePlace>& places) {
  std::vector<Evidence> evidence;
  for (const LinePlace& place : places)
    evidence.push_back({*place.path, place.line->lineno, 0, InsightFacts::FunctionOf(*place.file, *place.line)});
  return evidence;
}

std::string PlainText(const Sentence& sentence) {
  std::string text;
  for (const TextPart& part : sentence) text += part.text;
  return text;
}

}  // namespace scalene::profile
