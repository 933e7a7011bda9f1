#include "advise/prompt.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "profile/format.h"
#include "profile/metrics.h"

namespace scalene::advise {
namespace {

using profile::Document;
using profile::File;
using profile::Function;
using profile::Line;

constexpr int kContextLines = 15;  // before and after the region
constexpr size_t kLongestLine = 1000;

// ---- Numbers, as the page writes them ----

std::string Percent(double value) { return std::fabs(value) < 0.05 ? "" : profile::FormatTenths(value); }
std::string PercentOrZero(double value) { return std::fabs(value) < 0.05 ? "0" : profile::FormatTenths(value); }

// Three significant digits.
std::string Digits(double value) {
  char text[64];
  snprintf(text, sizeof text, "%.*f", value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value);
  return text;
}

std::string Size(double mebibytes) {
  if (mebibytes < 0.0005) return "0 MB";
  if (mebibytes < 0.9995) return profile::FormatWhole(mebibytes * 1024) + " KB";
  if (mebibytes < 9.95) {
    const std::string text = profile::FormatTenths(mebibytes);
    return (text.ends_with(".0") ? text.substr(0, text.size() - 2) : text) + " MB";
  }
  if (mebibytes < 1023.5) return profile::FormatWhole(mebibytes) + " MB";
  return Digits(mebibytes / 1024) + " GB";
}

// ---- Regions ----

int EndOf(const File& file, const Function& function) {
  for (size_t i = static_cast<size_t>(std::max(function.lineno, 1)) - 1; i < file.lines.size(); i++) {
    if (file.lines[i].regions.start_function >= function.lineno) return file.lines[i].regions.end_function;
  }
  return function.lineno;
}

// The innermost function with data around a line, or nullptr.
const Function* FunctionAround(const File& file, int line) {
  const Function* best = nullptr;
  for (const Function& function : file.functions) {
    if (function.lineno <= line && line <= EndOf(file, function) && (!best || function.lineno >= best->lineno))
      best = &function;
  }
  return best;
}

// ---- What is known about the region ----

struct Sums {
  double python = 0, native = 0, system = 0, allocated = 0, copied = 0, gpu = 0, peak = 0, cores = 0;
  int busy_lines = 0;
};

Sums SumsOf(const File& file, Region region) {
  Sums sums;
  for (int n = region.start; n <= region.end; n++) {
    const Line& line = file.lines[static_cast<size_t>(n - 1)];
    sums.python += line.cpu_percent_python;
    sums.native += line.cpu_percent_c;
    sums.system += line.sys_percent;
    sums.allocated += line.malloc_mb;
    sums.copied += line.copy_mb_s;
    sums.gpu = std::max(sums.gpu, line.gpu_percent);
    sums.peak = std::max(sums.peak, line.peak_mb);
    if (line.core_utilization > 0) {
      sums.cores += line.core_utilization;
      sums.busy_lines++;
    }
  }
  return sums;
}

std::vector<std::string> FactsOf(const Document& document, const File& file, Region region) {
  const Sums sums = SumsOf(file, region);
  std::vector<std::string> facts;
  const double time = sums.python + sums.native + sums.system;
  if (time >= 0.05)
    facts.push_back(Percent(time) + " % of the program's time: " + PercentOrZero(sums.python) + " Python, " +
                    PercentOrZero(sums.native) + " native, " + PercentOrZero(sums.system) + " system and waiting.");
  if (sums.busy_lines > 0)
    facts.push_back(PercentOrZero(100 * sums.cores / sums.busy_lines) + " % of the usable CPUs busy meanwhile.");
  if (sums.allocated >= 0.5)
    facts.push_back(Size(sums.allocated) + " allocated, peak of a line " + Size(sums.peak) +
                    "; the program's peak is " + Size(document.max_footprint_mb) + ".");
  if (sums.copied >= 0.5) facts.push_back(profile::FormatWhole(sums.copied) + " MB/s copied.");
  if (sums.gpu >= 1) facts.push_back(Percent(sums.gpu) + " % GPU utilisation.");
  return facts;
}

// ---- Source ----

bool HasSource(const File& file) {
  return std::any_of(file.lines.begin(), file.lines.end(), [](const Line& line) { return !line.text.empty(); });
}

std::string_view WithoutLineEnd(std::string_view line) { return line.substr(0, line.find_last_not_of("\r\n") + 1); }

std::string Padded(std::string text, size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string SourceAround(const File& file, Region region) {
  std::string text;
  const int from = std::max(1, region.start - kContextLines);
  const int to = std::min(static_cast<int>(file.lines.size()), region.end + kContextLines);
  for (int n = from; n <= to; n++) {
    const Line& line = file.lines[static_cast<size_t>(n - 1)];
    const std::string share = Percent(profile::CpuPercent(line));
    text += std::string(n >= region.start && n <= region.end ? ">" : " ") + " " + Padded(std::to_string(n), 5) + " " +
            Padded(share.empty() ? "" : share + "%", 7) + "  " +
            std::string(WithoutLineEnd(line.text).substr(0, kLongestLine)) + "\n";
  }
  return text;
}

std::string Opening(Goal goal) {
  return goal == Goal::kSpeed ? "Goal: make the region below faster. Keep its results the same.\n"
                              : "Goal: make the region below use less memory. Keep its results the same.\n";
}

std::string WhereText(const Document& document, const File& file, const PromptRequest& request) {
  const Region region = request.region;
  std::string text = "Region: " + ShortName(document, request.path) + ", ";
  text += region.start == region.end ? "line " + std::to_string(region.start)
                                     : "lines " + std::to_string(region.start) + " to " + std::to_string(region.end);
  if (const Function* owner = FunctionAround(file, region.start)) text += ", in " + owner->text;
  return text + ".\n";
}

// ---- Names ----

std::string Tail(const std::string& path, size_t parts) {
  size_t at = path.size();
  while (parts > 0 && at != std::string::npos && at > 0) {
    at = path.rfind('/', at - 1);
    parts--;
  }
  return at == std::string::npos || at == 0 ? path : path.substr(at + 1);
}

bool IsShared(const Document& document, const std::string& path, const std::string& tail) {
  return std::any_of(document.files.begin(), document.files.end(), [&](const auto& file) {
    return file.first != path && (file.first == tail || file.first.ends_with("/" + tail));
  });
}

}  // namespace

std::optional<RegionKind> ParseRegionKind(std::string_view word) {
  if (word == "line") return RegionKind::kLine;
  if (word == "loop") return RegionKind::kLoop;
  if (word == "function") return RegionKind::kFunction;
  return {};
}

std::optional<Goal> ParseGoal(std::string_view word) {
  if (word == "speed") return Goal::kSpeed;
  if (word == "memory") return Goal::kMemory;
  return {};
}

Region RegionAround(const File& file, int line, RegionKind kind) {
  const Region own{line, line};
  if (kind == RegionKind::kLine || line < 1 || static_cast<size_t>(line) > file.lines.size()) return own;
  const profile::LineRegions& regions = file.lines[static_cast<size_t>(line - 1)].regions;
  if (kind == RegionKind::kLoop)
    return regions.start_region > 0 ? Region{regions.start_region, regions.end_region} : own;
  if (regions.start_function > 0) return {regions.start_function, regions.end_function};
  const Function* owner = FunctionAround(file, line);
  return owner ? Region{owner->lineno, EndOf(file, *owner)} : own;
}

std::string ShortName(const Document& document, const std::string& path) {
  size_t parts = Tail(path, 1).starts_with("__init__") ? 2 : 1;
  std::string name = Tail(path, parts);
  while (name != path && IsShared(document, path, name)) name = Tail(path, ++parts);
  return name;
}

std::string WritePrompt(const Document& document, const PromptRequest& request) {
  const auto found = document.files.find(request.path);
  if (found == document.files.end()) return {};
  const File& file = found->second;
  std::string text = Opening(request.goal) + WhereText(document, file, request);
  if (const auto facts = FactsOf(document, file, request.region); !facts.empty()) {
    text += "Profile of the region:\n";
    for (const std::string& fact : facts) text += "  " + fact + "\n";
  }
  text += request.gpu ? "A GPU may be used.\n" : "Do not use a GPU.\n";
  if (!document.python_version.empty()) text += "Python " + document.python_version + ".\n";
  if (!file.imports.empty()) text += "Native modules imported in this file:\n";
  for (const std::string& each : file.imports) text += "  " + each + "\n";
  if (HasSource(file))
    text += "\nSource, each line with its share of the program's time; > marks the region:\n\n" +
            SourceAround(file, request.region);
  return text +
         "\nAnswer with a unified diff of the region in a ```diff block, and one sentence that says why it is better.";
}

}  // namespace scalene::advise
