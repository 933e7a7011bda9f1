#include "render/payload.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <future>
#include <set>
#include <unordered_map>

#include "profile/insights.h"
#include "profile/metric_display.h"
#include "profile/stack_tree.h"
#include "profile/timeline_runs.h"
#include "render/footer.h"
#include "render/payload_curves.h"
#include "render/payload_files.h"
#include "render/payload_holders.h"
#include "render/sink.h"

namespace scalene::render {
namespace {

using profile::Document;
using profile::Metric;
using profile::Row;

constexpr std::string_view kMagic = "SCLP";
constexpr uint32_t kVersion = 1;

// ---- Small things ----

void Text(JsonWriter& json, std::string_view key, std::string_view value) {
  json.Key(key);
  json.String(value);
}
void Number(JsonWriter& json, std::string_view key, double value) {
  json.Key(key);
  json.Real(value);
}
void Whole(JsonWriter& json, std::string_view key, int64_t value) {
  json.Key(key);
  json.Integer(value);
}
void Texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
  json.Key(key);
  json.BeginArray(Layout::kInline);
  for (const std::string& value : values) json.String(value);
  json.EndArray();
}
// Members that say nothing are left out of lists of objects.
void NumberIfAny(JsonWriter& json, std::string_view key, double value) {
  if (value != 0) Number(json, key, value);
}
void WholeIfAny(JsonWriter& json, std::string_view key, int64_t value) {
  if (value != 0) Whole(json, key, value);
}
void TextIfAny(JsonWriter& json, std::string_view key, std::string_view value) {
  if (!value.empty()) Text(json, key, value);
}

std::string_view UnitName(profile::Unit unit) {
  switch (unit) {
    case profile::Unit::kPercent:
      return "percent";
    case profile::Unit::kFraction:
      return "fraction";
    case profile::Unit::kMebibytes:
      return "MiB";
    case profile::Unit::kMebibytesPerSecond:
      return "MiB/s";
    case profile::Unit::kSeconds:
      return "s";
    case profile::Unit::kCount:
      return "count";
  }
  return "count";
}

std::string_view MergeName(profile::Merge merge) {
  switch (merge) {
    case profile::Merge::kSum:
      return "sum";
    case profile::Merge::kRecompute:
      return "recompute";
    case profile::Merge::kMaximum:
      return "maximum";
  }
  return "sum";
}

// ---- Which numbers rows have ----

constexpr std::string_view kWaitPrefix = "wait.";

// All lines with data, file by file.
std::vector<const Row*> RowsOf(const Document& document, const LinesWithData& lines) {
  std::vector<const Row*> rows;
  for (const auto& [path, file] : document.files) {
    const std::vector<const profile::Line*>& of_file = lines.at(&file);
    rows.insert(rows.end(), of_file.begin(), of_file.end());
  }
  return rows;
}

void AddWaitReasons(const std::vector<const Row*>& rows, std::set<std::string>& reasons) {
  for (const Row* row : rows) {
    for (const auto& [reason, seconds] : row->waits) reasons.insert(reason);
  }
}

std::vector<RowNumber> NumbersOf(const std::set<std::string>& reasons) {
  std::vector<RowNumber> numbers;
  for (const Metric& metric : profile::Metrics())
    numbers.push_back({std::string(metric.id), [&metric](const Row& row) { return profile::ValueOf(metric, row); }});
  for (const std::string& reason : reasons) {
    numbers.push_back({std::string(kWaitPrefix) + reason, [reason](const Row& row) {
                         const auto found = row.waits.find(reason);
                         return found == row.waits.end() ? 0.0 : found->second;
                       }});
  }
  numbers.push_back({"ci95.low", [](const Row& row) { return row.ci95 ? row.ci95->first : 0; }});
  numbers.push_back({"ci95.high", [](const Row& row) { return row.ci95 ? row.ci95->second : 0; }});
  return numbers;
}

// Sum and maximum of a number over all lines.
struct Extent {
  double sum = 0, most = 0;
};
Extent ExtentOf(const std::vector<const Row*>& rows, const std::function<double(const Row&)>& of) {
  Extent extent;
  for (const Row* row : rows) {
    const double value = of(*row);
    extent.sum += value;
    extent.most = std::max(extent.most, value);
  }
  return extent;
}

// ---- The header, part by part ----

class Header {
 public:
  Header(const Document& document, const Document* before, const PayloadOptions& options)
      : document_(document), before_(before), options_(options), json_(sink_) {}

  std::string Build() {
    insights_ = std::async(std::launch::async, [this] { return profile::FindInsights(document_); });
    json_.BeginObject(Layout::kRows);
    WriteProgram();
    WriteTotals();
    WriteSentences();
    WriteOutside();
    WriteMetrics();
    WriteBody();
    json_.EndObject();
    json_.Finish();
    return Assembled();
  }

 private:
  void WriteProgram();
  void WriteTotals();
  void WriteSentences();
  void WriteOutside();
  void WriteMetrics();
  void WriteMetric(const Metric& metric, const RowNumber& number);
  void WriteWait(const std::string& reason, const RowNumber& number);
  void WriteExtent(const RowNumber& number, bool additive);
  void WriteTable();
  void WriteInsights(const std::vector<const NamedFile*>& files);
  void WriteParts(const profile::Sentence& sentence);
  void WriteEvidence(const profile::Insight& insight);
  void WriteThreads(const std::vector<profile::ThreadRow>& threads);
  void WriteProcesses();
  void WriteStrings();
  void WriteCompare(const FilesContext& context);
  void WriteBody();
  std::string Assembled() const;

  const Document& document_;
  const Document* before_;
  const PayloadOptions& options_;
  const LinesWithData lines_with_data_ = FindLinesWithData(document_);
  std::future<profile::Insights> insights_;  // looked for meanwhile
  StringSink sink_;
  JsonWriter json_;
  ColumnBlob blob_;
  profile::StringTable strings_;
  std::vector<const Row*> rows_, before_rows_;  // lines with data
  std::set<std::string> reasons_;
  std::set<std::string_view> occurring_;  // ids of metrics that some line has
  std::vector<RowNumber> numbers_;
  std::unordered_map<std::string_view, size_t> file_index_;
};

void Header::WriteProgram() {
  const Document& d = document_;
  Text(json_, "generator", d.generator_version);
  Text(json_, "program", d.program);
  json_.Key("args");
  if (d.args) {
    json_.BeginArray(Layout::kInline);
    for (const std::string& word : *d.args) json_.String(word);
    json_.EndArray();
  } else {
    json_.Null();
  }
  Text(json_, "root", d.filename);
  Text(json_, "python", d.python_version + (d.python_free_threaded ? " (free-threaded)" : ""));
  json_.Key("host");
  json_.BeginObject(Layout::kInline);
  Text(json_, "os", d.host_os);
  Text(json_, "kernel", d.host_kernel);
  Text(json_, "arch", d.host_arch);
  Whole(json_, "cpus", d.host_cpus);
  Number(json_, "usable", d.host_cpus_usable);
  json_.EndObject();
  Number(json_, "started", d.start_time_absolute);
  Number(json_, "elapsed", d.elapsed_time_sec);
  Number(json_, "total", profile::TotalSeconds(d));
  const auto rate = d.options.find("cpu-sampling-rate");
  Number(json_, "interval",
         rate == d.options.end() ? profile::SecondsPerHit(d) : std::strtod(rate->second.value.c_str(), nullptr));
  std::vector<std::string> modes = {"cpu"};
  if (d.memory) modes.push_back("memory");
  if (d.async_profile) modes.push_back("async");
  if (d.gpu) modes.push_back("gpu");
  Texts(json_, "modes", modes);
  Text(json_, "gpu_device", d.gpu_device);
  json_.Key("exit");
  json_.BeginObject(Layout::kInline);
  if (d.exit.status) Whole(json_, "status", *d.exit.status);
  if (d.exit.signal) Whole(json_, "signal", *d.exit.signal);
  if (d.exit.partial) {
    json_.Key("partial");
    json_.Boolean(true);
  }
  json_.EndObject();
  json_.Key("reference");
  json_.Boolean(!d.has_ext);
}

void WriteTotalsOf(const Document& d, JsonWriter& json) {
  json.Key("totals");
  json.BeginObject(Layout::kInline);
  Number(json, "python", d.totals.python_sec);
  Number(json, "native", d.totals.native_sec);
  Number(json, "kernel", d.totals.kernel_sec);
  Number(json, "idle", d.totals.idle_sec);
  Number(json, "await", d.totals.await_sec);
  Whole(json, "cpu_samples", d.totals.cpu_samples);
  Whole(json, "off_cpu_samples", d.totals.off_cpu_samples);
  Number(json, "alloc_mb", d.totals.alloc_mb);
  Number(json, "copy_mb", d.totals.copy_mb);
  Number(json, "gpu_sec", d.totals.gpu_sec);
  json.EndObject();
}

void Header::WriteTotals() {
  const Document& d = document_;
  WriteTotalsOf(d, json_);
  if (d.max_footprint_mb > 0) {
    json_.Key("peak");
    json_.BeginObject(Layout::kInline);
    Number(json_, "mb", d.max_footprint_mb);
    Number(json_, "python", d.max_footprint_python_fraction);
    Text(json_, "file", d.max_footprint_fname.value_or(""));
    Whole(json_, "line", d.max_footprint_lineno.value_or(0));
    json_.EndObject();
  }
  if (d.gil.looked_sec > 0) {
    json_.Key("gil");
    json_.BeginObject(Layout::kInline);
    Number(json_, "looked", d.gil.looked_sec);
    Number(json_, "held", d.gil.held_sec);
    Number(json_, "native", d.gil.native_sec);
    Number(json_, "contended", d.gil.contended_sec);
    json_.Key("holders");
    WriteHolderList(d.gil.holders, json_);
    json_.EndObject();
  }
  Number(json_, "growth", d.growth_rate);
  Number(json_, "native_mb", d.native_allocations_mb);
}

void Header::WriteSentences() {
  std::vector<std::string> losses, notes = options_.notes;
  if (std::string lost = LossSentence(document_); !lost.empty()) losses.push_back(std::move(lost));
  Texts(json_, "losses", losses);
  Texts(json_, "warnings", document_.warnings);
  if (document_.files.empty()) {
    const std::string why = WhyEmpty(document_);
    notes.push_back("No profile data found in the file." + (why.empty() ? "" : " " + why));
  }
  Texts(json_, "notes", notes);
}

void Header::WriteOutside() {
  json_.Key("hidden");
  json_.BeginObject(Layout::kInline);
  Whole(json_, "count", document_.hidden.count);
  json_.Key("files");
  json_.BeginArray(Layout::kInline);
  for (const auto& file : document_.hidden.files) {
    json_.BeginArray(Layout::kInline);
    json_.String(file.path);
    json_.Real(file.percent);
    json_.Real(file.mb);
    json_.EndArray();
  }
  json_.EndArray();
  json_.EndObject();
  json_.Key("outside");
  json_.BeginObject(Layout::kInline);
  Number(json_, "sec", document_.outside.sec);
  json_.Key("files");
  json_.BeginArray(Layout::kInline);
  for (const auto& [path, seconds] : document_.outside.files) {
    json_.BeginArray(Layout::kInline);
    json_.String(path);
    json_.Real(seconds);
    json_.EndArray();
  }
  json_.EndArray();
  json_.EndObject();
}

// ---- Metrics and the table ----

void Header::WriteExtent(const RowNumber& number, bool additive) {
  const Extent extent = ExtentOf(rows_, number.of);
  if (extent.most > 0) occurring_.insert(number.id);
  Number(json_, "total", additive ? extent.sum : 0);
  Number(json_, "max", extent.most);
  if (before_) Number(json_, "before", additive ? ExtentOf(before_rows_, number.of).sum : 0);
}

void Header::WriteMetric(const Metric& metric, const RowNumber& number) {
  json_.BeginObject(Layout::kInline);
  Text(json_, "id", metric.id);
  Text(json_, "label", metric.label);
  Text(json_, "unit", UnitName(metric.unit));
  Text(json_, "merge", MergeName(metric.merge));
  Text(json_, "color", profile::ColorOf(metric));
  Number(json_, "hide_below", metric.hide_below);
  Text(json_, "help", metric.help);
  WriteExtent(number, profile::IsAdditive(metric));
  json_.EndObject();
}

void Header::WriteWait(const std::string& reason, const RowNumber& number) {
  std::string label = reason;
  std::replace(label.begin(), label.end(), '_', ' ');
  json_.BeginObject(Layout::kInline);
  Text(json_, "id", number.id);
  Text(json_, "label", label);
  Text(json_, "unit", "s");
  Text(json_, "merge", "sum");
  Text(json_, "color", "neutral");
  Number(json_, "hide_below", 0.001);
  Text(json_, "help", "Time that threads waited here: " + label + ".");
  WriteExtent(number, true);
  json_.EndObject();
}

void Header::WriteMetrics() {
  rows_ = RowsOf(document_, lines_with_data_);
  if (before_) before_rows_ = RowsOf(*before_, FindLinesWithData(*before_));
  AddWaitReasons(rows_, reasons_);
  AddWaitReasons(before_rows_, reasons_);
  numbers_ = NumbersOf(reasons_);
  json_.Key("metrics");
  json_.BeginArray(Layout::kRows);
  size_t at = 0;
  for (const Metric& metric : profile::Metrics()) WriteMetric(metric, numbers_[at++]);
  for (const std::string& reason : reasons_) WriteWait(reason, numbers_[at++]);
  json_.EndArray();
  WriteTable();
}

void WriteTableColumn(JsonWriter& json, std::string_view id, std::string_view label, std::string_view kind,
                      const std::vector<std::string>& metrics, std::string_view split) {
  json.BeginObject(Layout::kInline);
  Text(json, "id", id);
  Text(json, "label", label);
  Text(json, "kind", kind);
  Texts(json, "metrics", metrics);
  TextIfAny(json, "split", split);
  json.EndObject();
}

void Header::WriteTable() {
  constexpr std::array<std::string_view, 3> kKinds = {"bar", "number", "spark"};
  json_.Key("table");
  json_.BeginArray(Layout::kRows);
  for (const profile::TableColumn& column : profile::TableColumns()) {
    std::vector<std::string> metrics;
    for (const std::string_view id : column.metrics) {
      if (occurring_.contains(id)) metrics.emplace_back(id);
    }
    const bool spark = column.kind == profile::ColumnKind::kSpark;
    if (spark ? !document_.memory : metrics.empty() && column.id != "time") continue;
    WriteTableColumn(json_, column.id, column.label, kKinds[static_cast<size_t>(column.kind)], metrics, column.split);
    if (column.id != "time") continue;
    std::vector<std::string> waits;
    for (const std::string& reason : reasons_) waits.push_back(std::string(kWaitPrefix) + reason);
    if (!waits.empty()) WriteTableColumn(json_, "waiting", "Waiting", "bar", waits, "");
  }
  json_.EndArray();
}

// ---- Insights ----

void Header::WriteParts(const profile::Sentence& sentence) {
  constexpr std::array<std::string_view, 4> kStyles = {"", "strong", "code", "hot"};
  json_.BeginArray(Layout::kInline);
  for (const profile::TextPart& part : sentence) {
    if (part.style == profile::TextStyle::kPlain) {
      json_.String(part.text);
      continue;
    }
    json_.BeginArray(Layout::kInline);
    json_.String(kStyles[static_cast<size_t>(part.style)]);
    json_.String(part.text);
    json_.EndArray();
  }
  json_.EndArray();
}

void Header::WriteEvidence(const profile::Insight& insight) {
  json_.Key("evidence");
  json_.BeginArray(Layout::kInline);
  for (const profile::Evidence& evidence : insight.evidence) {
    const auto file = file_index_.find(evidence.path);
    if (file == file_index_.end()) continue;
    json_.BeginObject(Layout::kInline);
    json_.Key("file");
    json_.Unsigned(file->second);
    Whole(json_, "line", evidence.line);
    if (evidence.end > 0) Whole(json_, "end", evidence.end);
    TextIfAny(json_, "function", evidence.function);
    json_.EndObject();
  }
  json_.EndArray();
}

void Header::WriteInsights(const std::vector<const NamedFile*>& files) {
  for (size_t i = 0; i < files.size(); i++) file_index_[files[i]->first] = i;
  const profile::Insights insights = insights_.get();
  json_.Key("headline");
  WriteParts(insights.headline);
  json_.Key("insights");
  json_.BeginArray(Layout::kRows);
  for (const profile::Insight& insight : insights.all) {
    json_.BeginObject(Layout::kInline);
    Text(json_, "rule", insight.rule);
    Text(json_, "color", insight.color);
    Text(json_, "title", insight.title);
    json_.Key("parts");
    WriteParts(insight.text);
    Text(json_, "value", insight.value);
    Number(json_, "share", insight.share);
    WriteEvidence(insight);
    json_.EndObject();
  }
  json_.EndArray();
  json_.Key("reasons");
  json_.BeginArray(Layout::kRows);
  for (const profile::Reason& reason : insights.reasons) {
    json_.BeginObject(Layout::kInline);
    json_.Key("file");
    json_.Unsigned(file_index_[reason.path]);
    Whole(json_, "line", reason.line);
    json_.Key("parts");
    WriteParts(reason.text);
    json_.EndObject();
  }
  json_.EndArray();
}

// ---- Threads and processes ----

void Header::WriteThreads(const std::vector<profile::ThreadRow>& threads) {
  json_.Key("threads");
  json_.BeginArray(Layout::kRows);
  for (const profile::ThreadRow& thread : threads) {
    json_.BeginObject(Layout::kInline);
    TextIfAny(json_, "name", thread.name);
    WholeIfAny(json_, "pid", thread.pid);
    WholeIfAny(json_, "tid", thread.tid);
    if (thread.main) json_.Key("main"), json_.Boolean(true);
    if (thread.native) json_.Key("native"), json_.Boolean(true);
    NumberIfAny(json_, "start", thread.start_sec);
    NumberIfAny(json_, "end", thread.end_sec);
    NumberIfAny(json_, "python", thread.python_sec);
    NumberIfAny(json_, "native_sec", thread.native_sec);
    NumberIfAny(json_, "kernel", thread.kernel_sec);
    NumberIfAny(json_, "alloc_mb", thread.alloc_mb);
    json_.Key("waits");
    json_.BeginObject(Layout::kInline);
    for (const auto& [reason, seconds] : thread.waits) Number(json_, reason, seconds);
    json_.EndObject();
    json_.EndObject();
  }
  json_.EndArray();
}

void Header::WriteProcesses() {
  json_.Key("processes");
  json_.BeginArray(Layout::kRows);
  for (const profile::ProcessRow& process : document_.processes) {
    json_.BeginObject(Layout::kInline);
    Whole(json_, "pid", process.pid);
    WholeIfAny(json_, "ppid", process.ppid);
    TextIfAny(json_, "how", process.how);
    Texts(json_, "argv", process.argv);
    TextIfAny(json_, "python", process.python);
    NumberIfAny(json_, "start", process.start_sec);
    NumberIfAny(json_, "end", process.end_sec);
    NumberIfAny(json_, "cpu", process.cpu_sec);
    NumberIfAny(json_, "idle", process.idle_sec);
    NumberIfAny(json_, "peak_mb", process.max_footprint_mb);
    NumberIfAny(json_, "rss_mb", process.max_rss_mb);
    WholeIfAny(json_, "samples", process.samples);
    WholeIfAny(json_, "lost", process.lost);
    json_.Key("profiled");
    json_.Boolean(process.profiled);
    json_.EndObject();
  }
  json_.EndArray();
}

// ---- The rest ----

void Header::WriteStrings() {
  json_.Key("strings");
  json_.BeginArray(Layout::kInline);
  for (uint32_t i = 0; i < strings_.size(); i++) json_.String(strings_.Get({i}));
  json_.EndArray();
}

void Header::WriteCompare(const FilesContext& context) {
  json_.Key("compare");
  json_.BeginObject(Layout::kInline);
  Text(json_, "program", before_->program);
  Number(json_, "elapsed", before_->elapsed_time_sec);
  Number(json_, "total", profile::TotalSeconds(*before_));
  Number(json_, "started", before_->start_time_absolute);
  WriteTotalsOf(*before_, json_);
  Number(json_, "peak_mb", before_->max_footprint_mb);
  WriteGone(context, json_);
  json_.EndObject();
}

void Header::WriteBody() {
  const std::vector<const NamedFile*> files = FilesByTime(document_);
  WriteInsights(files);
  FilesContext context{document_, before_, options_, lines_with_data_, numbers_};
  WriteFiles(context, files, strings_, blob_, json_);
  const profile::StackTree tree = profile::BuildStackTree(document_, before_, strings_, options_.smallest_stack);
  WriteTree(tree, blob_, json_);
  const std::vector<profile::ThreadRow> threads = profile::ThreadsOf(document_);
  WriteCurves(document_, tree, threads, options_.timeline_runs, blob_, json_);
  WriteThreads(threads);
  WriteProcesses();
  if (before_) WriteCompare(context);
  WriteStrings();
}

void AppendU32(uint64_t value, std::string& out) {
  const auto number = static_cast<uint32_t>(value);
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

std::string Header::Assembled() const {
  const std::string& header = const_cast<StringSink&>(sink_).text();
  std::string payload(kMagic);
  payload.reserve(32 + header.size() + blob_.bytes().size());
  AppendU32(kVersion, payload);
  AppendU32(header.size(), payload);
  AppendU32(blob_.bytes().size(), payload);
  payload += header;
  payload.resize((payload.size() + 7) / 8 * 8);
  return payload += blob_.bytes();
}

}  // namespace

std::string BuildPayload(const Document& document, const Document* before, const PayloadOptions& options) {
  return Header(document, before, options).Build();
}

}  // namespace scalene::render
