#include "profile/document_check.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "profile/file_shape.h"
#include "profile/utf8.h"

namespace scalene::profile {
namespace {

constexpr size_t kMostSentences = 100;
constexpr double kRounding = 1e-9;

// Sums of many rounded shares may pass 100 by a little; the reference compares whole numbers for the same reason.
bool Above100(double percent) { return std::floor(percent + kRounding) > 100; }

class Findings {
 public:
  void Add(const std::string& place, const std::string& what) {
    if (sentences_.size() < kMostSentences) sentences_.push_back(place + ": " + what);
  }
  void Require(bool holds, const std::string& place, const char* what) {
    if (!holds) Add(place, what);
  }
  std::vector<std::string> Take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

// ---- Types and ranges: the visitor that checks every number against the bounds of the file's shape ----

template <class T>
concept Number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

template <class T>
class BoundsCheck {
 public:
  BoundsCheck(Findings& findings, const std::string& place, const T& object)
      : findings_(findings), place_(place), object_(object) {}

  template <class Codec = Plain, class Access>
  void Add(std::string_view key, Access access, Rule rule = Required()) {
    Check(key, std::invoke(access, object_), rule);
  }
  template <class Codec>
  void AddWhole(std::string_view, Rule) {}
  template <class Describe>
  void Group(std::string_view, Rule, Describe describe) {
    describe(*this);
  }
  template <class Describe>
  void GroupIf(std::string_view, bool T::*, Rule, Describe describe) {
    describe(*this);
  }
  template <class Codec = Plain, class Access>
  void Item(Access access, Rule rule = Required()) {
    Check("item", std::invoke(access, object_), rule);
  }
  template <class Describe>
  void ItemGroup(Describe describe) {
    describe(*this);
  }

 private:
  void Check(std::string_view key, const auto& value, const Rule& rule) {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (Number<Value>) {
      const bool inside = static_cast<double>(value) >= rule.minimum && static_cast<double>(value) <= rule.maximum;
      if (!inside || !std::isfinite(static_cast<double>(value))) Report(key, static_cast<double>(value));
    } else if constexpr (std::is_same_v<Value, std::optional<int>>) {
      if (value) Check(key, *value, rule);
    }
  }
  void Report(std::string_view key, double value) {
    findings_.Add(place_, std::string(key) + " is out of range (" + std::to_string(value) + ")");
  }

  Findings& findings_;
  const std::string& place_;
  const T& object_;
};

template <class T>
void CheckFields(Findings& findings, const std::string& place, const T& object) {
  BoundsCheck<T> check(findings, place, object);
  DescribeFields(check, Shape<T>{});
}

template <class T>
void CheckItems(Findings& findings, const std::string& place, const T& object) {
  BoundsCheck<T> check(findings, place, object);
  DescribeItems(check, Shape<T>{});
}

// ---- What ties values together ----

void CheckPoints(Findings& findings, const std::string& place, const std::vector<MemoryPoint>& points) {
  findings.Require(points.size() <= 100, place, "more than 100 memory points");
  for (const MemoryPoint& point : points) CheckItems(findings, place + " memory point", point);
  findings.Require(std::is_sorted(points.begin(), points.end(),
                                  [](const MemoryPoint& a, const MemoryPoint& b) { return a.t_ns < b.t_ns; }),
                   place, "memory points are not in order of time");
}

void CheckRow(Findings& findings, const std::string& place, const Row& row) {
  findings.Require(!Above100(CpuPercent(row)), place, "python + native + system is above 100");
  findings.Require(row.gpu_avg_memory_mb <= row.gpu_peak_memory_mb, place, "average GPU memory is above its peak");
  findings.Require(row.avg_mb <= row.peak_mb, place, "average memory is above its peak");
  findings.Require(row.cpu_samples_list.size() <= 500, place, "more than 500 sample times");
  findings.Require(std::is_sorted(row.cpu_samples_list.begin(), row.cpu_samples_list.end()), place,
                   "sample times are not sorted");
  findings.Require(row.async_task_names.size() <= 100, place, "more than 100 task names");
  CheckPoints(findings, place, row.memory_samples);
}

// Returns the file's share of all time, added up over its lines.
double CheckLines(Findings& findings, const std::string& path, const File& file, double max_footprint_mb) {
  double sum = 0;
  for (size_t i = 0; i < file.lines.size(); i++) {
    const Line& line = file.lines[i];
    const std::string place = path + ":" + std::to_string(i + 1);
    findings.Require(line.lineno == static_cast<int>(i) + 1, place, "is not the line of that number");
    findings.Require(line.peak_mb <= max_footprint_mb * (1 + kRounding), place, "peak is above the maximum footprint");
    CheckFields(findings, place, line);
    CheckRow(findings, place, line);
    sum += CpuPercent(line);
  }
  return sum;
}

void CheckFunctions(Findings& findings, const std::string& path, const File& file) {
  for (const Function& function : file.functions) {
    const std::string place = path + ": " + function.text;
    CheckFields(findings, place, function);
    CheckRow(findings, place, function);
    findings.Require(function.cpu_samples_list.empty(), place, "a function has sample times");
  }
  const auto key = [](const Function& f) { return std::pair<int, std::string_view>(f.lineno, f.text); };
  findings.Require(std::is_sorted(file.functions.begin(), file.functions.end(),
                                  [&](const Function& a, const Function& b) { return key(a) < key(b); }),
                   path, "functions are not in order of first line and name");
}

void CheckFiles(Findings& findings, const Document& document) {
  double sum = 0;
  for (const auto& [path, file] : document.files) {
    findings.Require(IsValidUtf8(path), path, "the name is not UTF-8");
    CheckFields(findings, path, file);
    CheckFunctions(findings, path, file);
    for (const auto& [line, leak] : file.leaks) CheckFields(findings, path + ":" + std::to_string(line), leak);
    const double lines = CheckLines(findings, path, file, document.max_footprint_mb);
    findings.Require(std::abs(lines - file.percent_cpu_time) < 1e-6 * (1 + lines), path,
                     "percent_cpu_time is not the sum over its lines");
    sum += lines;
  }
  findings.Require(!Above100(sum), "files", "python + native + system over all lines is above 100");
}

void CheckFrames(Findings& findings, const std::string& place, const std::vector<Frame>& frames) {
  for (const Frame& frame : frames) {
    if (frame.kind == FrameKind::kPython) findings.Require(frame.line >= 1, place, "a Python frame without a line");
    if (frame.kind == FrameKind::kNative) findings.Require(frame.ip > 0, place, "a native frame without an address");
  }
}

void CheckStacks(Findings& findings, const Document& document) {
  for (const Stack& stack : document.combined_stacks) {
    CheckItems(findings, "combined_stacks", stack);
    CheckFrames(findings, "combined_stacks", stack.frames);
  }
  findings.Require(std::is_sorted(document.combined_stacks.begin(), document.combined_stacks.end(),
                                  [](const Stack& a, const Stack& b) { return a.hits > b.hits; }),
                   "combined_stacks", "not in descending order of hits");
  for (const MemoryStack& stack : document.memory_stacks) {
    CheckItems(findings, "memory_stacks", stack);
    CheckFrames(findings, "memory_stacks", stack.frames);
  }
  for (const PythonStack& stack : document.stacks) CheckItems(findings, "stacks", stack);
}

void CheckTimeline(Findings& findings, const Document& document) {
  for (const TimelineEvent& event : document.timeline) {
    CheckFields(findings, "combined_stacks_timeline", event);
    findings.Require(static_cast<size_t>(event.stack_index) < document.combined_stacks.size(),
                     "combined_stacks_timeline", "stack_index points behind the stacks");
  }
  findings.Require(document.timeline.size() <= 100'000, "combined_stacks_timeline", "more than 100,000 events");
  findings.Require(std::is_sorted(document.timeline.begin(), document.timeline.end(),
                                  [](const TimelineEvent& a, const TimelineEvent& b) { return a.t_sec < b.t_sec; }),
                   "combined_stacks_timeline", "not in order of time");
}

// ---- Clamping ----

class Clamp {
 public:
  void To(double& value, double low, double high) {
    const double clamped = std::isnan(value) ? low : std::clamp(value, low, std::max(low, high));
    if (!(std::abs(clamped - value) <= kRounding * std::max(std::abs(value), std::abs(high)))) clamped_++;
    value = clamped;
  }

  void RowTo(Row& row, double max_footprint_mb) {
    for (const Metric& metric : Metrics()) {
      if (metric.real) To(row.*metric.real, 0, metric.maximum);
    }
    To(row.peak_mb, 0, max_footprint_mb);
    To(row.avg_mb, 0, row.peak_mb);
    To(row.gpu_avg_memory_mb, 0, row.gpu_peak_memory_mb);
  }

  int64_t clamped() const { return clamped_; }

 private:
  int64_t clamped_ = 0;
};

}  // namespace

std::vector<std::string> CheckDocument(const Document& document) {
  Findings findings;
  CheckFields(findings, "profile", document);
  findings.Require(document.gpu_device.empty() || document.gpu_device == "GPU" || document.gpu_device == "Neuron",
                   "profile", "gpu_device is none of \"GPU\", \"Neuron\", \"\"");
  CheckPoints(findings, "profile", document.samples);
  CheckFiles(findings, document);
  CheckStacks(findings, document);
  CheckTimeline(findings, document);
  return findings.Take();
}

void ClampToBounds(Document& document) {
  Clamp clamp;
  clamp.To(document.max_footprint_python_fraction, 0, 1);
  for (auto& [path, file] : document.files) {
    clamp.To(file.percent_cpu_time, 0, 100);
    for (Line& line : file.lines) clamp.RowTo(line, document.max_footprint_mb);
    for (Function& function : file.functions) clamp.RowTo(function, document.max_footprint_mb);
  }
  if (clamp.clamped() > 0) document.losses["render"]["clamped"] += clamp.clamped();
}

}  // namespace scalene::profile
