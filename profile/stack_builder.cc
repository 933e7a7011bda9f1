#include "profile/stack_builder.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_map>

#include "profile/marked_functions.h"

namespace scalene::profile {
namespace {

// Stacks of frames that count only: the recording's own where all of them do.
class ShownStacks {
 public:
  ShownStacks(const RecordedRun& run, SourceCache& sources) : run_(run), sources_(sources) {}

  // None: no frame of it counts.
  StackId Of(StackId recorded) {
    if (run_.marked->empty()) return recorded;
    StackId shown;
    for (const FrameId frame : run_.stacks->FramesOf(recorded)) {
      if (Counts(frame)) shown = marked_.Push(shown, frame);
    }
    return shown;
  }
  const StackTable& table() const { return run_.marked->empty() ? *run_.stacks : marked_; }

 private:
  bool Counts(FrameId id) {
    const FrameData& frame = run_.frames->Get(id);
    const std::string& file = run_.strings->Get(frame.file);
    return run_.marked->Holds(file, frame.line, sources_.Get(file).outline);
  }

  const RecordedRun& run_;
  SourceCache& sources_;
  StackTable marked_;
};

// Before 3.11 code objects know their bare names only; the source knows the rest.
std::string NameOf(const RecordedRun& run, SourceCache& sources, const FrameData& frame) {
  const std::string& name = run.strings->Get(frame.function);
  if (run.environment.minor >= 11) return name;
  return sources.Get(run.strings->Get(frame.file)).outline.QualnameFor(frame.first_line, name);
}

// Each frame once, as it will be shown.
class ShownFrames {
 public:
  struct Shown {
    Frame frame;
    std::string text;  // of section "stacks"
  };

  ShownFrames(const RecordedRun& run, SourceCache& sources) : run_(run), sources_(sources) {}

  const Shown& Get(FrameId id) {
    const auto [place, inserted] = shown_.try_emplace(id);
    Shown& shown = place->second;
    if (!inserted) return shown;
    const FrameData& data = run_.frames->Get(id);
    shown.frame.name = NameOf(run_, sources_, data);
    shown.frame.file_or_module = run_.strings->Get(data.file);
    shown.frame.line = data.line;
    shown.text = shown.frame.file_or_module + " " + shown.frame.name + ":" + std::to_string(data.line) + ";";
    return shown;
  }

 private:
  const RecordedRun& run_;
  SourceCache& sources_;
  std::unordered_map<FrameId, Shown> shown_;
};

struct WeighedStack {
  StackId stack;
  std::vector<FrameId> path;  // outermost first
  StackCounts counts;
  int64_t hits = 0;
};

void Add(const StackCounts& from, StackCounts& to) {
  to.sec.AddScaled(from.sec, 1);
  to.samples += from.samples;
}

// Whole hits that add up to the rounded total: the largest remainders are rounded up.
void ShareHits(std::vector<WeighedStack>& stacks, double interval_sec) {
  double total = 0;
  std::vector<std::pair<double, size_t>> remainders;
  int64_t given = 0;
  for (size_t i = 0; i < stacks.size(); ++i) {
    const double exact = stacks[i].counts.sec.total() / interval_sec;
    stacks[i].hits = static_cast<int64_t>(std::floor(exact));
    remainders.emplace_back(exact - std::floor(exact), i);
    total += exact;
    given += stacks[i].hits;
  }
  std::sort(remainders.rbegin(), remainders.rend());
  const auto wanted = static_cast<int64_t>(std::llround(total));
  for (const auto& [remainder, index] : remainders) {
    if (given >= wanted) break;
    ++stacks[index].hits;
    ++given;
  }
}

class StackBuilder {
 public:
  StackBuilder(const RecordedRun& run, SourceCache& sources)
      : run_(run), shown_stacks_(run, sources), shown_frames_(run, sources) {}

  void Build(double total_sec, Document& document) {
    Collect();
    ShareHits(stacks_, run_.interval_sec);
    FoldEmpty();
    Order();
    for (const size_t place : order_) Append(stacks_[place], total_sec, document);
    BuildTimeline(document);
  }

 private:
  void Collect() {
    for (const auto& [recorded, counts] : run_.counts.stacks()) {
      const StackId stack = shown_stacks_.Of(recorded);
      if (!stack) continue;
      const auto [place, inserted] = places_.try_emplace(stack, stacks_.size());
      if (inserted) stacks_.push_back({stack, shown_stacks_.table().FramesOf(stack), {}, 0});
      Add(counts, stacks_[place->second].counts);
      place_of_recorded_[recorded] = place->second;
    }
  }

  // The nearest stack below that has an entry, or nothing.
  const size_t* Ancestor(StackId stack) const {
    const StackTable& table = shown_stacks_.table();
    for (stack = table.ParentOf(stack); stack; stack = table.ParentOf(stack)) {
      if (const auto found = places_.find(stack); found != places_.end()) return &found->second;
    }
    return nullptr;
  }

  // A stack left without a hit gives its weight to the stack it stands on; alone, it keeps one.
  void FoldEmpty() {
    into_.resize(stacks_.size());
    std::iota(into_.begin(), into_.end(), 0);
    for (size_t i = 0; i < stacks_.size(); ++i) {
      if (stacks_[i].hits > 0) continue;
      const size_t* ancestor = Ancestor(stacks_[i].stack);
      if (ancestor == nullptr || stacks_[*ancestor].hits == 0) {
        stacks_[i].hits = 1;
      } else {
        Add(stacks_[i].counts, stacks_[*ancestor].counts);
        into_[i] = *ancestor;
      }
    }
  }

  void Order() {
    for (size_t i = 0; i < stacks_.size(); ++i) {
      if (into_[i] == i) order_.push_back(i);
    }
    std::sort(order_.begin(), order_.end(), [this](size_t a, size_t b) {
      return stacks_[a].hits != stacks_[b].hits ? stacks_[a].hits > stacks_[b].hits : stacks_[a].path < stacks_[b].path;
    });
    index_.assign(stacks_.size(), -1);
    for (size_t i = 0; i < order_.size(); ++i) index_[order_[i]] = static_cast<int>(i);
  }

  void Append(const WeighedStack& weighed, double total_sec, Document& document) {
    Stack& stack = document.combined_stacks.emplace_back();
    PythonStack& text = document.stacks.emplace_back();
    stack.frames.reserve(weighed.path.size());
    text.frames.reserve(weighed.path.size());
    for (const FrameId id : weighed.path) {
      const ShownFrames::Shown& shown = shown_frames_.Get(id);
      stack.frames.push_back(shown.frame);
      text.frames.push_back(shown.text);
    }
    const KindSeconds& sec = weighed.counts.sec;
    stack.hits = text.count = weighed.hits;
    stack.weight = {sec.python, sec.native, sec.kernel, sec.idle, weighed.counts.samples};
    const double whole = total_sec > 0 ? total_sec : 1;
    text.python_time = sec.python / whole;
    text.c_time = sec.native / whole;
    text.cpu_samples = text.python_time + text.c_time;
  }

  void BuildTimeline(Document& document) {
    const auto& runs = run_.timeline->runs();
    for (const Timeline::Run& run : runs) {
      const auto place = place_of_recorded_.find(run.stack);
      if (place == place_of_recorded_.end()) continue;
      TimelineEvent event;
      event.count = run.count;
      event.stack_index = index_[into_[place->second]];
      event.t_sec = run.time_sec;
      event.last_sec = run.last_sec;
      event.thread_id = run.thread;
      document.timeline.push_back(event);
    }
    auto& events = document.timeline;
    std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.t_sec < b.t_sec; });
    const double first = events.empty() ? 0 : events.front().t_sec;
    const auto since = [first](double sec) { return std::round((sec - first) * 1e6) / 1e6; };
    for (TimelineEvent& event : events) {
      event.t_sec = since(event.t_sec);
      event.last_sec = since(event.last_sec);
    }
  }

  const RecordedRun& run_;
  ShownStacks shown_stacks_;
  ShownFrames shown_frames_;
  std::vector<WeighedStack> stacks_;
  std::unordered_map<StackId, size_t> places_;             // shown stack -> index into stacks_
  std::unordered_map<StackId, size_t> place_of_recorded_;  // recorded stack -> likewise
  std::vector<size_t> into_;                               // what an entry was folded into; itself: nothing
  std::vector<size_t> order_;                              // entries by hits
  std::vector<int> index_;                                 // entry -> index in combined_stacks
};

// Which row of the document a frame belongs to, as a small number.
class FunctionRows {
 public:
  using Key = std::pair<std::string, int>;  // file, first line; 0: no function, no row

  FunctionRows(const RecordedRun& run, SourceCache& sources) : run_(run), sources_(sources) {}

  size_t Of(FrameId id) {
    const auto [place, inserted] = of_frame_.try_emplace(id);
    if (inserted) place->second = numbers_.try_emplace(KeyOf(run_.frames->Get(id)), numbers_.size()).first->second;
    return place->second;
  }
  size_t size() const { return numbers_.size(); }
  const size_t* Find(const Key& key) const {
    const auto found = numbers_.find(key);
    return found == numbers_.end() ? nullptr : &found->second;
  }

 private:
  Key KeyOf(const FrameData& frame) {
    const std::string& file = run_.strings->Get(frame.file);
    const Outline& outline = sources_.Get(file).outline;
    if (!outline.parsed()) return {file, frame.first_line};
    const FunctionOutline* function = outline.FunctionAt(frame.line);
    return {file, function != nullptr ? function->first_line : 0};
  }

  const RecordedRun& run_;
  SourceCache& sources_;
  std::map<Key, size_t> numbers_;
  std::unordered_map<FrameId, size_t> of_frame_;
};

struct Callees {
  double total_sec = 0;
  std::map<FrameId, double> callers;
  size_t last_seen_in = 0;  // the stack, counted from 1: a recursive function counts once
};

std::vector<Callees> CalleesByRow(const RecordedRun& run, ShownStacks& stacks, FunctionRows& rows) {
  std::vector<Callees> all;
  size_t number = 0;
  for (const auto& [recorded, counts] : run.counts.stacks()) {
    ++number;
    FrameId caller;
    for (const FrameId frame : stacks.table().FramesOf(stacks.Of(recorded))) {
      const size_t row = rows.Of(frame);
      if (row >= all.size()) all.resize(rows.size());
      Callees& callees = all[row];
      if (callees.last_seen_in != number) {
        callees.last_seen_in = number;
        callees.total_sec += counts.sec.total();
        if (caller) callees.callers[caller] += counts.sec.total();
      }
      caller = frame;
    }
  }
  return all;
}

}  // namespace

void BuildStacks(const RecordedRun& run, SourceCache& sources, double total_sec, Document& document) {
  StackBuilder(run, sources).Build(total_sec, document);
}

void BuildMemoryStacks(const RecordedRun& run, SourceCache& sources, Document& document) {
  ShownStacks shown_stacks(run, sources);
  ShownFrames shown_frames(run, sources);
  std::map<StackId, MemoryStack> stacks;
  for (const auto& [recorded, memory] : run.memory->stacks) {
    const StackId stack = shown_stacks.Of(recorded);
    if (!stack) continue;
    MemoryStack& shown = stacks[stack];
    shown.mb += memory.counted / (1 << 20);
    shown.live_end_mb += memory.held.live() / (1 << 20);
    shown.at_peak_mb += memory.held.AtPeak(run.memory->peaks) / (1 << 20);
  }
  for (auto& [stack, shown] : stacks) {
    if (shown.mb < 0.5e-6) continue;  // 6 decimals are written, and they shall not be 0
    for (const FrameId id : shown_stacks.table().FramesOf(stack)) shown.frames.push_back(shown_frames.Get(id).frame);
    document.memory_stacks.push_back(std::move(shown));
  }
  std::stable_sort(document.memory_stacks.begin(), document.memory_stacks.end(),
                   [](const MemoryStack& a, const MemoryStack& b) { return a.mb > b.mb; });
}

void AddCallees(const RecordedRun& run, SourceCache& sources, Document& document) {
  ShownStacks stacks(run, sources);
  ShownFrames frames(run, sources);
  FunctionRows rows(run, sources);
  const std::vector<Callees> callees = CalleesByRow(run, stacks, rows);
  constexpr size_t kMostCallers = 10;
  for (auto& [path, file] : document.files) {
    for (Function& function : file.functions) {
      const size_t* row = rows.Find({path, function.lineno});
      if (row == nullptr) continue;
      function.total_sec = callees[*row].total_sec;
      std::vector<Caller> callers;
      for (const auto& [id, sec] : callees[*row].callers) {
        const Frame& frame = frames.Get(id).frame;
        callers.push_back({frame.name, frame.file_or_module, frame.line, sec});
      }
      std::sort(callers.begin(), callers.end(), [](const Caller& a, const Caller& b) { return a.sec > b.sec; });
      if (callers.size() > kMostCallers) callers.resize(kMostCallers);
      function.calls_from = std::move(callers);
    }
  }
}

}  // namespace scalene::profile
