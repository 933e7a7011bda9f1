#include "render/payload_files.h"

#include <algorithm>
#include <map>

#include "base/task_pool.h"
#include "profile/line_match.h"
#include "profile/metrics.h"
#include "render/payload_holders.h"

namespace scalene::render {
namespace {

using profile::Document;
using profile::File;
using profile::Function;
using profile::Line;

constexpr size_t kSparkPoints = 32;

// ---- Source ----

std::string_view WithoutLineEnd(std::string_view line) { return line.substr(0, line.find_last_not_of("\r\n") + 1); }

// All lines, joined by newlines: as many texts as there are lines.
std::string SourceText(const File& file) {
  std::string text;
  for (const Line& line : file.lines) {
    if (&line != &file.lines.front()) text += '\n';
    const size_t start = text.size();
    text += WithoutLineEnd(line.text);
    std::replace(text.begin() + static_cast<ptrdiff_t>(start), text.end(), '\n',
                 ' ');  // a foreign profile may hold any
  }
  return text;
}

bool HasSource(const File& file) {
  return std::any_of(file.lines.begin(), file.lines.end(), [](const Line& line) { return !line.text.empty(); });
}

void AddRegions(const File& file, ColumnBlob& blob, ColumnSet& columns) {
  using profile::LineRegions;
  constexpr std::pair<const char*, int LineRegions::*> kBounds[] = {
      {"region.start", &LineRegions::start_region},       {"region.end", &LineRegions::end_region},
      {"loop.start", &LineRegions::start_outermost_loop}, {"loop.end", &LineRegions::end_outermost_loop},
      {"function.start", &LineRegions::start_function},   {"function.end", &LineRegions::end_function},
  };
  for (const auto& [name, bound] : kBounds) {
    std::vector<int64_t> values;
    values.reserve(file.lines.size());
    for (const Line& line : file.lines) values.push_back(line.regions.*bound);
    columns.emplace_back(name, blob.AddDeltas(values));
  }
}

// ---- Footprint curves of lines ----

// At most kSparkPoints of them: of each stretch its highest, and always the last.
std::vector<profile::MemoryPoint> Thinned(const std::vector<profile::MemoryPoint>& points) {
  if (points.size() <= kSparkPoints) return points;
  std::vector<profile::MemoryPoint> kept;
  for (size_t part = 0; part + 1 < kSparkPoints; part++) {
    const auto begin = points.begin() + static_cast<ptrdiff_t>(part * (points.size() - 1) / (kSparkPoints - 1));
    const auto end = points.begin() + static_cast<ptrdiff_t>((part + 1) * (points.size() - 1) / (kSparkPoints - 1));
    kept.push_back(*std::max_element(begin, end, [](const auto& a, const auto& b) { return a.mb < b.mb; }));
  }
  kept.push_back(points.back());
  return kept;
}

uint8_t Byte(double part, double whole) {
  return whole > 0 ? static_cast<uint8_t>(std::clamp(255 * part / whole, 0.0, 255.0) + 0.5) : 0;
}

void AddSparks(const std::vector<RowPair>& rows, double elapsed_sec, ColumnBlob& blob, ColumnSet& columns) {
  std::vector<uint32_t> row_of;
  std::vector<uint8_t> counts, times, heights;
  std::vector<float> most;
  for (size_t i = 0; i < rows.size(); i++) {
    if (!rows[i].now || rows[i].now->memory_samples.empty()) continue;
    const auto points = Thinned(rows[i].now->memory_samples);
    double highest = 0;
    for (const auto& point : points) highest = std::max(highest, point.mb);
    row_of.push_back(static_cast<uint32_t>(i));
    counts.push_back(static_cast<uint8_t>(points.size()));
    most.push_back(Single(highest));
    for (const auto& point : points) {
      times.push_back(Byte(static_cast<double>(point.t_ns), elapsed_sec * 1e9));
      heights.push_back(Byte(point.mb, highest));
    }
  }
  if (row_of.empty()) return;
  columns.emplace_back("spark.row", blob.Add(row_of));
  columns.emplace_back("spark.count", blob.Add(counts));
  columns.emplace_back("spark.max", blob.Add(most));
  columns.emplace_back("spark.t", blob.Add(times));
  columns.emplace_back("spark.v", blob.Add(heights));
}

// ---- The older profile's side of a file ----

// Files are the same if their paths are, or their paths below the roots of the two programs.
const File* FileBefore(const Document& document, const Document& before, const std::string& path) {
  if (const auto found = before.files.find(path); found != before.files.end()) return &found->second;
  if (document.filename.empty() || !path.starts_with(document.filename)) return nullptr;
  const auto found = before.files.find(before.filename + path.substr(document.filename.size()));
  return found == before.files.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Texts(const File& file) {
  std::vector<std::string_view> texts;
  for (const Line& line : file.lines) texts.push_back(WithoutLineEnd(line.text));
  return texts;
}

// Functions of one file are matched by name; of several of one name the first, second … belong together.
std::vector<RowPair> FunctionPairs(const File& file, const File* before, std::vector<const Function*>& shown) {
  std::map<std::string_view, std::vector<const Function*>> older;
  if (before) {
    for (const Function& function : before->functions) older[function.text].push_back(&function);
  }
  std::vector<RowPair> pairs;
  for (const Function& function : file.functions) {
    RowPair pair{&function, nullptr};
    if (auto& same = older[function.text]; !same.empty()) {
      pair.before = same.front();
      same.erase(same.begin());
    }
    pairs.push_back(pair);
    shown.push_back(&function);
  }
  return pairs;
}

// ---- One file ----

// Columns are made file by file on any thread, then written in order.
class FileWriter {
 public:
  FileWriter(const FilesContext& context, const NamedFile& named)
      : context_(context), path_(named.first), file_(named.second) {}

  void MakeColumns() {
    if (context_.before) before_ = FileBefore(context_.document, *context_.before, path_);
    CollectRows();
    AddLineColumns();
    AddFunctionColumns();
  }

  void Write(ColumnBlob& blob, profile::StringTable& strings, JsonWriter& json) {
    const uint64_t base = blob.Append(blob_);
    for (auto* columns : {&columns_, &function_columns_}) {
      for (auto& [name, column] : *columns) column.offset += base;
    }
    blob_ = {};
    json.BeginObject(Layout::kInline);
    json.Key("path");
    json.String(path_);
    json.Key("lines");
    json.Unsigned(file_.lines.size());
    json.Key("source");
    json.String(file_.source);
    json.Key("percent");
    json.Real(file_.percent_cpu_time);
    WriteImports(json);
    WriteLeaks(json);
    WriteColumns(columns_, json);
    WriteHolders(rows_, json);
    WriteFunctions(blob, strings, json);
    json.EndObject();
  }

 private:
  // Lines that have data now or had it before.
  void CollectRows() {
    std::map<int, const Line*> older;  // by index in file_
    if (before_) {
      const std::vector<int> match = profile::MatchLines(Texts(*before_), Texts(file_));
      for (size_t i = 0; i < match.size(); i++) {
        if (match[i] != profile::kNoMatch && HasData(before_->lines[i])) older[match[i]] = &before_->lines[i];
      }
    }
    const std::vector<const Line*>& with_data = context_.lines_with_data.at(&file_);
    auto next = with_data.begin();
    for (size_t i = 0; i < file_.lines.size(); i++) {
      const auto was = older.find(static_cast<int>(i));
      const bool leaks = file_.leaks.contains(static_cast<int>(i) + 1);
      const bool has_data = next != with_data.end() && *next == &file_.lines[i];
      if (has_data) ++next;
      if (!leaks && was == older.end() && !has_data) continue;
      line_numbers_.push_back(static_cast<uint32_t>(i + 1));
      rows_.push_back({&file_.lines[i], was == older.end() ? nullptr : was->second});
    }
  }

  void AddLineColumns() {
    columns_.emplace_back("line", blob_.Add(line_numbers_));
    AddRowColumns(rows_, context_.numbers, blob_, columns_);
    AddSparks(rows_, context_.document.elapsed_time_sec, blob_, columns_);
    AddRegions(file_, blob_, columns_);
    const bool shown = context_.options.source && (context_.options.quiet_source || !rows_.empty());
    if (shown && HasSource(file_)) columns_.emplace_back("text", blob_.AddText(SourceText(file_)));
  }

  void WriteImports(JsonWriter& json) const {
    json.Key("imports");
    json.BeginArray(Layout::kInline);
    for (const std::string& import : file_.imports) json.String(import);
    json.EndArray();
  }

  void WriteLeaks(JsonWriter& json) const {
    json.Key("leaks");
    json.BeginArray(Layout::kInline);
    for (const auto& [line, leak] : file_.leaks) {
      json.BeginArray(Layout::kInline);
      json.Integer(line);
      json.Real(leak.likelihood);
      json.Real(leak.velocity_mb_s);
      json.EndArray();
    }
    json.EndArray();
  }

  // Where the function that begins in this line ends; its first line if nothing says so.
  int EndOf(const Function& function) const {
    for (size_t i = static_cast<size_t>(std::max(function.lineno, 1)) - 1; i < file_.lines.size(); i++) {
      const profile::LineRegions& regions = file_.lines[i].regions;
      if (regions.start_function >= function.lineno) return regions.end_function;
    }
    return function.lineno;
  }

  void AddFunctionColumns() {
    functions_ = FunctionPairs(file_, before_, shown_);
    std::vector<uint32_t> lines, ends;
    std::vector<float> totals;
    for (const Function* function : shown_) {
      lines.push_back(static_cast<uint32_t>(std::max(function->lineno, 0)));
      ends.push_back(static_cast<uint32_t>(std::max(EndOf(*function), 0)));
      totals.push_back(Single(function->total_sec));
    }
    function_columns_.emplace_back("line", blob_.Add(lines));
    function_columns_.emplace_back("end", blob_.Add(ends));
    blob_.AddUnlessZero(function_columns_, "total", totals);
    AddRowColumns(functions_, context_.numbers, blob_, function_columns_);
  }

  void WriteFunctions(ColumnBlob& blob, profile::StringTable& strings, JsonWriter& json) {
    std::vector<uint32_t> names;
    for (const Function* function : shown_) names.push_back(strings.Intern(function->text).value);
    function_columns_.emplace_back("name", blob.Add(names));
    json.Key("functions");
    json.BeginObject(Layout::kInline);
    WriteColumns(function_columns_, json);
    WriteHolders(functions_, json);
    json.EndObject();
  }

  const FilesContext& context_;
  const std::string& path_;
  const File& file_;
  const File* before_ = nullptr;
  std::vector<RowPair> rows_, functions_;
  std::vector<const Function*> shown_;
  std::vector<uint32_t> line_numbers_;
  ColumnBlob blob_;  // offsets of the columns are in here until they are written
  ColumnSet columns_, function_columns_;
};

// ---- What is gone ----

void WriteGoneLine(const FilesContext& context, const std::string& path, const Line& line, JsonWriter& json) {
  json.BeginObject(Layout::kInline);
  json.Key("path");
  json.String(path);
  json.Key("line");
  json.Integer(line.lineno);
  json.Key("text");
  json.String(context.options.source ? WithoutLineEnd(line.text) : "");
  json.Key("values");
  json.BeginObject(Layout::kInline);
  for (const RowNumber& number : context.numbers) {
    const double value = number.of(line);
    if (value == 0) continue;
    json.Key(number.id);
    json.Real(value);
  }
  json.EndObject();
  json.EndObject();
}

}  // namespace

std::vector<const NamedFile*> FilesByTime(const Document& document) {
  std::vector<const NamedFile*> files;
  for (const NamedFile& file : document.files) files.push_back(&file);
  std::stable_sort(files.begin(), files.end(), [](const NamedFile* a, const NamedFile* b) {
    return a->second.percent_cpu_time > b->second.percent_cpu_time;
  });
  return files;
}

void WriteFiles(const FilesContext& context, const std::vector<const NamedFile*>& files, profile::StringTable& strings,
                ColumnBlob& blob, JsonWriter& json) {
  std::vector<FileWriter> writers;
  writers.reserve(files.size());
  size_t lines = 0;
  for (const NamedFile* file : files) {
    writers.emplace_back(context, *file);
    lines += file->second.lines.size();
  }
  TaskPool pool(lines < kManyLines ? 0 : TaskPool::Helpers());
  for (FileWriter& writer : writers) pool.Add([&writer] { writer.MakeColumns(); });
  pool.Finish();
  json.Key("files");
  json.BeginArray(Layout::kRows);
  for (FileWriter& writer : writers) writer.Write(blob, strings, json);
  json.EndArray();
}

void WriteGone(const FilesContext& context, JsonWriter& json) {
  json.Key("gone");
  json.BeginArray(Layout::kRows);
  for (const auto& [path, before] : context.before->files) {
    // The newer file is looked up as the older one's counterpart: the roots change places.
    const File* now = FileBefore(*context.before, context.document, path);
    const std::vector<int> match = now ? profile::MatchLines(Texts(before), Texts(*now))
                                       : std::vector<int>(before.lines.size(), profile::kNoMatch);
    for (size_t i = 0; i < match.size(); i++) {
      if (match[i] == profile::kNoMatch && HasData(before.lines[i]))
        WriteGoneLine(context, path, before.lines[i], json);
    }
  }
  json.EndArray();
}

}  // namespace scalene::render
