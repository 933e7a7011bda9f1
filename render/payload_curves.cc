#include "render/payload_curves.h"

#include <algorithm>

#include "profile/timeline_tracks.h"

namespace scalene::render {
namespace {

using profile::Document;
using profile::StackTree;

std::vector<uint32_t> Values(const std::vector<profile::StringId>& ids) {
  std::vector<uint32_t> values;
  values.reserve(ids.size());
  for (const profile::StringId id : ids) values.push_back(id.value);
  return values;
}

void WriteTimeline(const StackTree& tree, const std::vector<profile::TimelineRun>& runs, ColumnBlob& blob,
                   JsonWriter& json) {
  std::vector<int64_t> start, length, hits, stack, thread;
  for (const profile::TimelineRun& run : runs) {
    start.push_back(run.start_us);
    length.push_back(run.length_us);
    hits.push_back(run.hit_us);
    stack.push_back(tree.node_of_stack[run.stack]);
    thread.push_back(run.thread);
  }
  const ColumnSet columns = {{"t", blob.AddDeltas(start)},
                             {"length", blob.AddDeltas(length)},
                             {"hits", blob.AddDeltas(hits)},
                             {"stack", blob.AddDeltas(stack)},
                             {"thread", blob.AddDeltas(thread)}};
  json.Key("timeline");
  json.BeginObject(Layout::kInline);
  WriteColumns(columns, json);
  json.EndObject();
}

void WriteOverview(const profile::Overview& overview, ColumnBlob& blob, JsonWriter& json) {
  ColumnSet columns;
  blob.AddUnlessZero(columns, "python", overview.python);
  blob.AddUnlessZero(columns, "native", overview.native);
  blob.AddUnlessZero(columns, "system", overview.system);
  blob.AddUnlessZero(columns, "idle", overview.idle);
  json.Key("overview");
  json.BeginObject(Layout::kInline);
  json.Key("bins");
  json.Unsigned(profile::kOverviewBins);
  WriteColumns(columns, json);
  json.EndObject();
}

void WriteTracks(const std::vector<profile::Track>& tracks, ColumnBlob& blob, JsonWriter& json) {
  json.Key("tracks");
  json.BeginArray(Layout::kRows);
  for (const profile::Track& track : tracks) {
    std::vector<int64_t> start, length;
    for (const profile::Span& span : track.spans) {
      start.push_back(span.start_us);
      length.push_back(span.length_us);
    }
    json.BeginObject(Layout::kInline);
    json.Key("id");
    json.String(track.id);
    json.Key("label");
    json.String(track.label);
    WriteColumns({{"t", blob.AddDeltas(start)}, {"length", blob.AddDeltas(length)}}, json);
    json.EndObject();
  }
  json.EndArray();
}

// MiB of Python objects at the times of the footprint: what its own curve said last, never more than the whole.
std::vector<double> PythonPart(const Document& document) {
  const std::vector<profile::MemoryPoint>& python = document.memory_run.python;
  std::vector<double> part;
  if (python.empty()) return part;
  auto last = python.begin();
  for (const profile::MemoryPoint& point : document.samples) {
    while (last + 1 != python.end() && (last + 1)->t_ns <= point.t_ns) ++last;
    part.push_back(std::min(last->mb, point.mb));
  }
  return part;
}

void WriteFootprint(const Document& document, ColumnBlob& blob, JsonWriter& json) {
  std::vector<double> time, mb;
  for (const profile::MemoryPoint& point : document.samples) {
    time.push_back(static_cast<double>(point.t_ns) / 1e9);
    mb.push_back(point.mb);
  }
  ColumnSet columns;
  if (!time.empty()) columns = {{"t", blob.Add(time)}, {"mb", blob.Add(mb)}};
  if (const std::vector<double> python = PythonPart(document); !python.empty())
    columns.emplace_back("python", blob.Add(python));
  json.Key("footprint");
  json.BeginObject(Layout::kInline);
  WriteColumns(columns, json);
  json.EndObject();
}

}  // namespace

void WriteTree(const StackTree& tree, ColumnBlob& blob, JsonWriter& json) {
  ColumnSet columns = {
      {"name", blob.Add(Values(tree.name))},
      {"file", blob.Add(Values(tree.file))},
      {"line", blob.Add(tree.line)},
      {"kind", blob.Add(std::vector<uint8_t>(reinterpret_cast<const uint8_t*>(tree.kind.data()),
                                             reinterpret_cast<const uint8_t*>(tree.kind.data()) + tree.kind.size()))},
      {"parent", blob.Add(tree.parent)}};
  for (const profile::TreeMetric& metric : tree.metrics) {
    columns.emplace_back("self." + std::string(metric.id), blob.Add(metric.self));
    if (!metric.before.empty()) columns.emplace_back("before.self." + std::string(metric.id), blob.Add(metric.before));
  }
  json.Key("tree");
  json.BeginObject(Layout::kInline);
  json.Key("metrics");
  json.BeginArray(Layout::kInline);
  for (const profile::TreeMetric& metric : tree.metrics) {
    json.BeginObject(Layout::kInline);
    for (const auto& [key, value] : {std::pair("id", metric.id), std::pair("label", metric.label),
                                     std::pair("unit", metric.unit), std::pair("color", metric.color)}) {
      json.Key(key);
      json.String(value);
    }
    json.EndObject();
  }
  json.EndArray();
  WriteColumns(columns, json);
  json.EndObject();
}

void WriteCurves(const Document& document, const StackTree& tree, const std::vector<profile::ThreadRow>& threads,
                 size_t most_runs, ColumnBlob& blob, JsonWriter& json) {
  const std::vector<profile::TimelineRun> runs = profile::RunsOf(document, threads, most_runs);
  WriteTimeline(tree, runs, blob, json);
  WriteOverview(profile::OverviewOf(document, runs), blob, json);
  WriteTracks(profile::TracksOf(document, runs), blob, json);
  WriteFootprint(document, blob, json);
}

}  // namespace scalene::render
