#include "render/line_selection.h"

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "profile/metrics.h"
#include "render/terminal.h"

namespace scalene::render {
namespace {

using profile::File;
using profile::Function;
using profile::Line;
using LineValue = std::function<double(const Line&)>;

// "/a/b.py" answers to itself, to "b.py", "a/b.py", and to any part of its name.
bool PathMatches(const std::string& path, const std::string& wanted) { return path.find(wanted) != path.npos; }

// "Class.method" answers to itself and to "method".
bool FunctionMatches(const Function& function, const std::string& wanted) {
  return function.text == wanted || function.text.ends_with("." + wanted);
}

struct LineRange {
  int first = 0, last = 0;
  bool Holds(const Line& line) const { return line.lineno >= first && line.lineno <= last; }
};

size_t IndentOf(const Line& line) { return line.text.find_first_not_of(" \t\r\n"); }

// Old profiles do not say where functions end: at the next line that is indented no more than the `def`.
LineRange RangeByIndent(const Function& function, const File& file) {
  LineRange range{function.lineno, function.lineno};
  size_t indent = std::string::npos;  // of the def, once it is found below its decorators
  for (const Line& line : file.lines) {
    if (line.lineno < function.lineno) continue;
    const bool blank = IndentOf(line) == std::string::npos;
    if (indent != std::string::npos && !blank && IndentOf(line) <= indent) break;
    if (indent == std::string::npos && line.text.find("def ") != std::string::npos) indent = IndentOf(line);
    if (!blank) range.last = line.lineno;
  }
  return range;
}

// From the function's first line (decorators included) to the end of the `def` that begins there.
LineRange RangeOf(const Function& function, const File& file) {
  for (const Line& line : file.lines) {
    if (line.lineno < function.lineno || line.regions.start_function < function.lineno) continue;
    return {function.lineno, line.regions.end_function};
  }
  return RangeByIndent(function, file);
}

double TimeOf(const Line& line) { return profile::CpuPercent(line); }

// What --sort means: "time", a column or a metric.
Result<LineValue> SortValue(const std::string& key) {
  if (key.empty() || key == "time") return LineValue(TimeOf);
  if (key == "memory") return LineValue([](const Line& line) { return line.malloc_mb; });
  if (const Column* column = FindColumn(key)) return LineValue(column->value);
  if (const profile::Metric* metric = profile::FindMetric(key)) {
    return LineValue([metric](const Line& line) { return profile::ValueOf(*metric, line); });
  }
  std::string known = "line, time, memory";
  for (const Column& column : AllColumns()) known += ", " + std::string(column.id);
  return Status::Error("unknown sort key '" + key + "' (known: " + known + ")");
}

class Selection {
 public:
  Selection(const TerminalOptions& options, LineValue value) : options_(options), value_(std::move(value)) {}

  std::vector<SelectedFile> From(const profile::Document& document) {
    for (const auto& [path, file] : document.files) {
      if (PathMatches(path, options_.file)) AddFile(path, file);
    }
    if (options_.top > 0) KeepTop();
    std::stable_sort(files_.begin(), files_.end(), [](const SelectedFile& a, const SelectedFile& b) {
      return a.file->percent_cpu_time > b.file->percent_cpu_time;
    });
    for (SelectedFile& file : files_) Arrange(file);
    return std::move(files_);
  }

 private:
  bool sorted() const { return !options_.sort.empty() && options_.sort != "line"; }
  bool shortened() const { return options_.reduced || options_.top > 0 || !options_.function.empty(); }

  void AddFile(const std::string& path, const File& file) {
    SelectedFile selected{&path, &file, {}, {}};
    std::vector<LineRange> ranges;
    for (const Function& function : file.functions) {
      if (!options_.function.empty() && !FunctionMatches(function, options_.function)) continue;
      if (!options_.function.empty()) ranges.push_back(RangeOf(function, file));
      if (function.cpu_percent_python + function.cpu_percent_c + function.async_await_percent > 0) {
        selected.functions.push_back(&function);
      }
    }
    if (!options_.function.empty() && ranges.empty()) return;
    for (const Line& line : file.lines) {
      const bool inside = ranges.empty() || std::any_of(ranges.begin(), ranges.end(),
                                                        [&](const LineRange& range) { return range.Holds(line); });
      const bool active = !options_.reduced || IsActive(line, options_.threshold);
      if (inside && active) selected.lines.push_back(&line);
    }
    files_.push_back(std::move(selected));
  }

  // Of all lines of all files only the busiest that have something to show, and only files that still have one.
  void KeepTop() {
    std::vector<const Line*> all;
    for (const SelectedFile& file : files_) {
      std::copy_if(file.lines.begin(), file.lines.end(), std::back_inserter(all),
                   [&](const Line* line) { return value_(*line) > 0 && IsActive(*line, options_.threshold); });
    }
    const size_t count = std::min(options_.top, all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(count), all.end(),
                      [&](const Line* a, const Line* b) { return value_(*a) > value_(*b); });
    const std::unordered_set<const Line*> kept(all.begin(), all.begin() + static_cast<ptrdiff_t>(count));
    for (SelectedFile& file : files_) std::erase_if(file.lines, [&](const Line* line) { return !kept.contains(line); });
    std::erase_if(files_, [](const SelectedFile& file) { return file.lines.empty(); });
  }

  void Arrange(SelectedFile& file) {
    std::stable_sort(file.functions.begin(), file.functions.end(), [](const Function* a, const Function* b) {
      return profile::CpuPercent(*a) + a->async_await_percent > profile::CpuPercent(*b) + b->async_await_percent;
    });
    if (sorted()) {
      std::stable_sort(file.lines.begin(), file.lines.end(),
                       [&](const Line* a, const Line* b) { return value_(*a) > value_(*b); });
    } else if (shortened()) {
      MarkGaps(file);
    }
  }

  static void MarkGaps(SelectedFile& file) {
    std::vector<const Line*> marked;
    int next = 1;
    for (const Line* line : file.lines) {
      if (line->lineno > next) marked.push_back(nullptr);
      marked.push_back(line);
      next = line->lineno + 1;
    }
    if (next <= static_cast<int>(file.file->lines.size())) marked.push_back(nullptr);
    file.lines = std::move(marked);
  }

  const TerminalOptions& options_;
  LineValue value_;
  std::vector<SelectedFile> files_;
};

}  // namespace

Result<std::vector<SelectedFile>> SelectLines(const profile::Document& document, const TerminalOptions& options) {
  Result<LineValue> value = SortValue(options.sort == "line" ? "" : options.sort);
  if (!value.ok()) return value.status();
  std::vector<SelectedFile> files = Selection(options, std::move(value).value()).From(document);
  const bool filtered = !options.file.empty() || !options.function.empty();
  if (!files.empty() || !filtered) return files;
  if (options.function.empty()) return Status::Error("no file of the profile matches '" + options.file + "'");
  return Status::Error("no function of the profile is called '" + options.function + "'");
}

}  // namespace scalene::render
