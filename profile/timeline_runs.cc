#include "profile/timeline_runs.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace scalene::profile {
namespace {

// Where each thread_id of the timeline stands among the threads.
std::unordered_map<uint64_t, uint32_t> PlacesOf(const std::vector<ThreadRow>& threads) {
  std::unordered_map<uint64_t, uint32_t> places;
  for (uint32_t i = 0; i < threads.size(); i++) {
    if (threads[i].thread_id != 0) places.try_emplace(threads[i].thread_id, i);
  }
  for (uint32_t i = 0; i < threads.size(); i++) {
    if (threads[i].tid > 0) places.try_emplace(static_cast<uint64_t>(threads[i].tid), i);
  }
  return places;
}

int64_t Micros(double sec) { return std::llround(std::clamp(sec, 0.0, 9e9) * 1e6); }

std::vector<TimelineRun> UnboundedRuns(const Document& document, const std::vector<ThreadRow>& threads) {
  const auto places = PlacesOf(threads);
  const double seconds_per_hit = SecondsPerHit(document);
  std::vector<TimelineRun> runs;
  for (const TimelineEvent& event : document.timeline) {
    if (event.stack_index < 0 || static_cast<size_t>(event.stack_index) >= document.combined_stacks.size()) continue;
    const auto place = places.find(event.thread_id.value_or(0));
    const int64_t hits = Micros(static_cast<double>(event.count) * seconds_per_hit);
    const int64_t seen = Micros(event.last_sec - event.t_sec + seconds_per_hit);
    runs.push_back({Micros(event.t_sec), std::max(hits, seen), hits, static_cast<uint32_t>(event.stack_index),
                    place == places.end() ? 0 : place->second});
  }
  std::stable_sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.start_us < b.start_us; });
  return runs;
}

void EndBeforeNext(std::vector<TimelineRun>& runs) {
  std::unordered_map<uint32_t, int64_t> next;  // thread -> start of its next run
  for (size_t i = runs.size(); i-- > 0;) {
    TimelineRun& run = runs[i];
    const auto after = next.find(run.thread);
    if (after != next.end()) run.length_us = std::min(run.length_us, after->second - run.start_us);
    run.hit_us = std::min(run.hit_us, run.length_us);
    next[run.thread] = run.start_us;
  }
}

// Each run with the next one of its thread.
std::vector<TimelineRun> Halved(const std::vector<TimelineRun>& runs) {
  std::vector<TimelineRun> kept;
  std::unordered_map<uint32_t, size_t> alone;  // thread -> its last run in `kept`, if that is not joined yet
  for (const TimelineRun& run : runs) {
    const auto before = alone.find(run.thread);
    if (before == alone.end()) {
      alone[run.thread] = kept.size();
      kept.push_back(run);
      continue;
    }
    TimelineRun& joined = kept[before->second];
    if (run.hit_us > joined.hit_us) joined.stack = run.stack;
    joined.length_us = run.start_us + run.length_us - joined.start_us;
    joined.hit_us += run.hit_us;
    alone.erase(before);
  }
  return kept;
}

// ---- Overview ----

// Values by bin, filled by stretches: whole bins through differences, so that a long stretch costs no more than a short one.
class Bins {
 public:
  explicit Bins(double bin_us) : bin_us_(bin_us), parts_(kOverviewBins + 1), steps_(kOverviewBins + 1) {}

  void Add(double start_us, double end_us, double height) {
    const double last = static_cast<double>(kOverviewBins);
    const double from = std::clamp(start_us / bin_us_, 0.0, last), to = std::clamp(end_us / bin_us_, 0.0, last);
    const auto first = static_cast<size_t>(from), final = static_cast<size_t>(to);
    if (first == final) {
      parts_[first] += (to - from) * height;
      return;
    }
    parts_[first] += (static_cast<double>(first) + 1 - from) * height;
    parts_[final] += (to - static_cast<double>(final)) * height;
    steps_[first + 1] += height;
    steps_[final] -= height;
  }

  std::vector<float> Values() const {
    std::vector<float> values;
    double level = 0;
    for (size_t i = 0; i < kOverviewBins; i++) {
      level += steps_[i];
      values.push_back(static_cast<float>(std::max(level + parts_[i], 0.0)));
    }
    return values;
  }

 private:
  double bin_us_;
  std::vector<double> parts_, steps_;
};

using Shares = std::array<double, 4>;  // python, native, kernel, idle

Shares SharesOf(const Stack& stack) {
  const StackWeight& weight = stack.weight;
  const double all = weight.python_sec + weight.native_sec + weight.kernel_sec + weight.idle_sec;
  if (all > 0)
    return {weight.python_sec / all, weight.native_sec / all, weight.kernel_sec / all, weight.idle_sec / all};
  if (stack.frames.empty()) return {};
  return stack.frames.back().kind == FrameKind::kNative ? Shares{0, 1, 0, 0} : Shares{1, 0, 0, 0};
}

}  // namespace

std::vector<ThreadRow> ThreadsOf(const Document& document) {
  std::vector<ThreadRow> threads = document.threads;
  auto places = PlacesOf(threads);
  for (const TimelineEvent& event : document.timeline) {
    const uint64_t id = event.thread_id.value_or(0);
    if (!places.try_emplace(id, static_cast<uint32_t>(threads.size())).second) continue;
    const bool main = id != 0 && id == document.main_thread_id;
    threads.push_back({.thread_id = id, .name = main ? "MainThread" : "", .main = main});
  }
  return threads;
}

std::vector<TimelineRun> RunsOf(const Document& document, const std::vector<ThreadRow>& threads, size_t most) {
  std::vector<TimelineRun> runs = UnboundedRuns(document, threads);
  EndBeforeNext(runs);
  while (runs.size() > most) {
    std::vector<TimelineRun> fewer = Halved(runs);
    if (fewer.size() == runs.size()) break;  // every thread has a single run
    runs = std::move(fewer);
  }
  return runs;
}

Overview OverviewOf(const Document& document, const std::vector<TimelineRun>& runs) {
  const double bin_us = document.elapsed_time_sec * 1e6 / static_cast<double>(kOverviewBins);
  if (bin_us <= 0 || runs.empty()) return {};
  std::vector<Shares> shares;
  for (const Stack& stack : document.combined_stacks) shares.push_back(SharesOf(stack));
  std::array<Bins, 4> bins = {Bins(bin_us), Bins(bin_us), Bins(bin_us), Bins(bin_us)};
  for (const TimelineRun& run : runs) {
    const auto start = static_cast<double>(run.start_us), end = static_cast<double>(run.start_us + run.length_us);
    const double density = run.length_us > 0 ? static_cast<double>(run.hit_us) / static_cast<double>(run.length_us) : 0;
    for (size_t kind = 0; kind < bins.size(); kind++) {
      if (const double share = shares[run.stack][kind]; share > 0) bins[kind].Add(start, end, share * density);
    }
  }
  return {bins[0].Values(), bins[1].Values(), bins[2].Values(), bins[3].Values()};
}

}  // namespace scalene::profile
