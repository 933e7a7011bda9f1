#include "profile/stack_builder.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "profile/marked_functions.h"

namespace scalene::profile {
namespace {

// A stack as the profile will show it: frames that count, outermost first.
using Path = std::vector<FrameId>;

Path PathOf(const RecordedRun& run, SourceCache& sources, StackId stack) {
  Path path = run.stacks->FramesOf(stack);
  if (run.marked->empty()) return path;
  std::erase_if(path, [&](FrameId id) {
    const FrameData& frame = run.frames->Get(id);
    const std::string& file = run.strings->Get(frame.file);
    return !run.marked->Holds(file, frame.line, sources.Get(file).outline);
  });
  return path;
}

// Before 3.11 code objects know their bare names only; the source knows the rest.
std::string NameOf(const RecordedRun& run, SourceCache& sources, const FrameData& frame) {
  const std::string& name = run.strings->Get(frame.function);
  if (run.environment.minor >= 11) return name;
  return sources.Get(run.strings->Get(frame.file)).outline.QualnameFor(frame.first_line, name);
}

Frame ShownFrame(const RecordedRun& run, SourceCache& sources, FrameId id) {
  const FrameData& data = run.frames->Get(id);
  Frame frame;
  frame.name = NameOf(run, sources, data);
  frame.file_or_module = run.strings->Get(data.file);
  frame.line = data.line;
  return frame;
}

struct WeighedPath {
  Path path;
  StackCounts counts;
  int64_t hits = 0;
};

void Add(const StackCounts& from, StackCounts& to) {
  to.sec.AddScaled(from.sec, 1);
  to.samples += from.samples;
}

// Whole hits that add up to the rounded total: the largest remainders are rounded up.
void ShareHits(std::vector<WeighedPath>& paths, double interval_sec) {
  double total = 0;
  std::vector<std::pair<double, size_t>> remainders;
  int64_t given = 0;
  for (size_t i = 0; i < paths.size(); ++i) {
    const double exact = paths[i].counts.sec.total() / interval_sec;
    paths[i].hits = static_cast<int64_t>(std::floor(exact));
    remainders.emplace_back(exact - std::floor(exact), i);
    total += exact;
    given += paths[i].hits;
  }
  std::sort(remainders.rbegin(), remainders.rend());
  const auto wanted = static_cast<int64_t>(std::llround(total));
  for (const auto& [remainder, index] : remainders) {
    if (given >= wanted) break;
    ++paths[index].hits;
    ++given;
  }
}

// The nearest ancestor among `places`, or nothing.
const size_t* Ancestor(const std::map<Path, size_t>& places, Path path) {
  for (path.pop_back(); !path.empty(); path.pop_back()) {
    if (const auto found = places.find(path); found != places.end()) return &found->second;
  }
  return nullptr;
}

class StackBuilder {
 public:
  StackBuilder(const RecordedRun& run, SourceCache& sources) : run_(run), sources_(sources) {}

  void Build(double total_sec, Document& document) {
    Collect();
    ShareHits(paths_, run_.interval_sec);
    FoldEmpty();
    Order();
    for (const size_t place : order_) Append(paths_[place], total_sec, document);
    BuildTimeline(document);
  }

 private:
  void Collect() {
    for (const auto& [stack, counts] : run_.counts.stacks()) {
      Path path = PathOf(run_, sources_, stack);
      if (path.empty()) continue;
      const auto [place, inserted] = places_.try_emplace(path, paths_.size());
      if (inserted) paths_.push_back({std::move(path), {}, 0});
      Add(counts, paths_[place->second].counts);
      place_of_stack_[stack] = place->second;
    }
  }

  // A stack left without a hit gives its weight to the stack it stands on; alone, it keeps one.
  void FoldEmpty() {
    into_.resize(paths_.size());
    std::iota(into_.begin(), into_.end(), 0);
    for (size_t i = 0; i < paths_.size(); ++i) {
      if (paths_[i].hits > 0) continue;
      const size_t* ancestor = Ancestor(places_, paths_[i].path);
      if (ancestor == nullptr || paths_[*ancestor].hits == 0) {
        paths_[i].hits = 1;
      } else {
        Add(paths_[i].counts, paths_[*ancestor].counts);
        into_[i] = *ancestor;
      }
    }
  }

  void Order() {
    for (size_t i = 0; i < paths_.size(); ++i) {
      if (into_[i] == i) order_.push_back(i);
    }
    std::sort(order_.begin(), order_.end(), [this](size_t a, size_t b) {
      return paths_[a].hits != paths_[b].hits ? paths_[a].hits > paths_[b].hits : paths_[a].path < paths_[b].path;
    });
    index_.assign(paths_.size(), -1);
    for (size_t i = 0; i < order_.size(); ++i) index_[order_[i]] = static_cast<int>(i);
  }

  const Frame& FrameFor(FrameId id) {
    const auto [place, inserted] = shown_.try_emplace(id);
    if (inserted) place->second = ShownFrame(run_, sources_, id);
    return place->second;
  }

  void Append(const WeighedPath& weighed, double total_sec, Document& document) {
    Stack stack;
    PythonStack text;
    for (const FrameId id : weighed.path) {
      const Frame& frame = FrameFor(id);
      stack.frames.push_back(frame);
      text.frames.push_back(frame.file_or_module + " " + frame.name + ":" + std::to_string(frame.line) + ";");
    }
    const KindSeconds& sec = weighed.counts.sec;
    stack.hits = text.count = weighed.hits;
    stack.weight = {sec.python, sec.native, sec.kernel, sec.idle, weighed.counts.samples};
    const double whole = total_sec > 0 ? total_sec : 1;
    text.python_time = sec.python / whole;
    text.c_time = sec.native / whole;
    text.cpu_samples = text.python_time + text.c_time;
    document.combined_stacks.push_back(std::move(stack));
    document.stacks.push_back(std::move(text));
  }

  void BuildTimeline(Document& document) {
    const auto& runs = run_.timeline->runs();
    for (const Timeline::Run& run : runs) {
      const auto place = place_of_stack_.find(run.stack);
      if (place == place_of_stack_.end()) continue;
      TimelineEvent event;
      event.count = run.count;
      event.stack_index = index_[into_[place->second]];
      event.t_sec = run.time_sec;
      event.thread_id = run.thread;
      document.timeline.push_back(event);
    }
    auto& events = document.timeline;
    std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.t_sec < b.t_sec; });
    const double first = events.empty() ? 0 : events.front().t_sec;
    for (TimelineEvent& event : events) event.t_sec = std::round((event.t_sec - first) * 1e6) / 1e6;
  }

  const RecordedRun& run_;
  SourceCache& sources_;
  std::vector<WeighedPath> paths_;
  std::map<Path, size_t> places_;                       // path -> index into paths_
  std::unordered_map<StackId, size_t> place_of_stack_;  // likewise
  std::vector<size_t> into_;                            // what an entry was folded into; itself: nothing
  std::vector<size_t> order_;                           // entries by hits
  std::vector<int> index_;                              // entry -> index in combined_stacks
  std::unordered_map<FrameId, Frame> shown_;
};

// A function row of the document.
using FunctionKey = std::pair<std::string, int>;  // file, first line

FunctionKey KeyOf(const RecordedRun& run, SourceCache& sources, const FrameData& frame) {
  const std::string& file = run.strings->Get(frame.file);
  const Outline& outline = sources.Get(file).outline;
  if (!outline.parsed()) return {file, frame.first_line};
  const FunctionOutline* function = outline.FunctionAt(frame.line);
  return {file, function != nullptr ? function->first_line : 0};  // 0: no function, no row
}

struct Callees {
  double total_sec = 0;
  std::map<FrameId, double> callers;
};

}  // namespace

void BuildStacks(const RecordedRun& run, SourceCache& sources, double total_sec, Document& document) {
  StackBuilder(run, sources).Build(total_sec, document);
}

void BuildMemoryStacks(const RecordedRun& run, SourceCache& sources, Document& document) {
  std::map<Path, MemoryStack> stacks;
  for (const auto& [stack, memory] : run.memory->stacks) {
    const Path path = PathOf(run, sources, stack);
    if (path.empty()) continue;
    MemoryStack& shown = stacks[path];
    shown.mb += memory.counted / (1 << 20);
    shown.live_end_mb += memory.held.live() / (1 << 20);
    shown.at_peak_mb += memory.held.AtPeak(run.memory->peaks) / (1 << 20);
  }
  for (auto& [path, shown] : stacks) {
    if (shown.mb < 0.5e-6) continue;  // 6 decimals are written, and they shall not be 0
    for (const FrameId id : path) shown.frames.push_back(ShownFrame(run, sources, id));
    document.memory_stacks.push_back(std::move(shown));
  }
  std::stable_sort(document.memory_stacks.begin(), document.memory_stacks.end(),
                   [](const MemoryStack& a, const MemoryStack& b) { return a.mb > b.mb; });
}

void AddCallees(const RecordedRun& run, SourceCache& sources, Document& document) {
  std::map<FunctionKey, Callees> functions;
  std::unordered_map<FrameId, FunctionKey> keys;
  for (const auto& [stack, counts] : run.counts.stacks()) {
    const Path path = PathOf(run, sources, stack);
    std::set<FunctionKey> seen;  // a recursive function counts once
    for (size_t i = 0; i < path.size(); ++i) {
      const auto [key, inserted] = keys.try_emplace(path[i]);
      if (inserted) key->second = KeyOf(run, sources, run.frames->Get(path[i]));
      if (!seen.insert(key->second).second) continue;
      Callees& callees = functions[key->second];
      callees.total_sec += counts.sec.total();
      if (i > 0) callees.callers[path[i - 1]] += counts.sec.total();
    }
  }
  constexpr size_t kMostCallers = 10;
  for (auto& [path, file] : document.files) {
    for (Function& function : file.functions) {
      const auto found = functions.find({path, function.lineno});
      if (found == functions.end()) continue;
      function.total_sec = found->second.total_sec;
      std::vector<Caller> callers;
      for (const auto& [id, sec] : found->second.callers) {
        const Frame frame = ShownFrame(run, sources, id);
        callers.push_back({frame.name, frame.file_or_module, frame.line, sec});
      }
      std::sort(callers.begin(), callers.end(), [](const Caller& a, const Caller& b) { return a.sec > b.sec; });
      if (callers.size() > kMostCallers) callers.resize(kMostCallers);
      function.calls_from = std::move(callers);
    }
  }
}

}  // namespace scalene::profile
