// FoldedCounts: what samples have added up to, per line, per stack and outside the profiled files. Counting happens here,
// once; everything else of a profile is computed from these sums.
//
// Each process folds into counts of its own, because the sum of its sample weights is brought to its true CPU time (the
// clocks know it exactly) when it is merged into the counts of the run.
// Bounded: lines by the program's source, stacks by StackTable, times of a line by Thinned.
// Threads: one owner.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "profile/tables.h"
#include "profile/wait_reason.h"

namespace scalene::profile {

enum class CpuKind : uint8_t { kPython, kNative, kKernel };

struct KindSeconds {
  double python = 0, native = 0, kernel = 0, idle = 0;
  double cpu() const { return python + native + kernel; }
  double total() const { return cpu() + idle; }
  void Add(CpuKind kind, double seconds);
  void AddScaled(const KindSeconds& other, double cpu_scale);
};

// At most kMost values out of any number, spread evenly over the order in which they came.
class Thinned {
 public:
  static constexpr size_t kMost = 500;
  void Add(double value);
  void Merge(const Thinned& other);
  const std::vector<double>& values() const { return values_; }

 private:
  void Halve();
  std::vector<double> values_;
  uint64_t stride_ = 1;  // each value stands for this many; a power of two
  uint64_t seen_ = 0;
};

struct LineKey {
  StringId file;
  int line = 0;
  bool operator==(const LineKey&) const = default;
};
struct LineKeyHash {
  size_t operator()(const LineKey& key) const noexcept {
    return (uint64_t{key.file.value} << 32 | static_cast<uint32_t>(key.line)) * 0x9e3779b97f4a7c15ull;
  }
};

// Who held what others waited for: s by the holder's line. Line 0 of no file: no profiled line.
struct ByFileAndLine {
  bool operator()(const LineKey& a, const LineKey& b) const {
    return std::pair(a.file.value, a.line) < std::pair(b.file.value, b.line);
  }
};
using HolderSeconds = std::map<LineKey, double, ByFileAndLine>;
void AddHolders(const HolderSeconds& from, HolderSeconds& to);

// Of all interpreters' locks, added up, in s.
struct GilCounts {
  double looked_sec = 0, held_sec = 0, contended_sec = 0;
  double known_sec = 0, native_sec = 0;  // of held_sec: it is known by which code; by code that is not Python
  HolderSeconds holders;                 // of the time that threads waited for it
  void Add(const GilCounts& other);
};

// What tasks waited on a line. Time is that of event loops in their poll, shared equally among their suspended tasks.
struct AwaitCounts {
  static constexpr size_t kMostNames = 100;
  double sec = 0, task_sec = 0;
  double looked_sec = 0, concurrency = 0, peak = 0;  // while a task waited here: how long, tasks x that, most tasks
  std::set<std::string> names;                       // of tasks, the first ones met
  double lag_sec = 0, block_sec = 0;                 // kept from running here; kept others from running
  void Add(const AwaitCounts& other);
};

struct LineCounts {
  KindSeconds sec;
  AwaitCounts awaits;
  WaitSeconds waits;  // of all threads, credited (then also in sec.idle) or not
  HolderSeconds gil_holders, lock_holders;
  int64_t samples = 0, off_cpu_samples = 0;
  double squared_weights = 0;  // sum of the squares, for the error bar
  double utilization_sum = 0;  // over samples
  Thinned sample_times;        // CLOCK_MONOTONIC seconds
  StringId function;           // as the code object names it, for files without source
  int function_first_line = 0;
};

struct StackCounts {
  KindSeconds sec;
  int64_t samples = 0;
};

struct OutsideCounts {
  double sec = 0, idle_sec = 0;  // idle time is part of sec
  int64_t samples = 0;
  std::unordered_map<StringId, std::pair<double, int64_t>> files;  // innermost file -> s, samples
};

// One CPU sample on its way into the counts.
struct FoldedSample {
  double sec = 0;
  CpuKind kind = CpuKind::kPython;
  double time_sec = 0;     // CLOCK_MONOTONIC
  double utilization = 0;  // of the CPUs the process may use, at that time; 0..1
};

// A stretch of waiting on its way into the counts: by thread, so the same moment may be in several.
struct FoldedWait {
  WaitReason reason = WaitReason::kOther;
  double sec = 0;
};

class FoldedCounts {
 public:
  void AddToLine(const LineKey& key, const FrameData& frame, const FoldedSample& sample);
  void AddToStack(StackId stack, const FoldedSample& sample);
  void AddOutside(StringId innermost_file, const FoldedSample& sample);
  // What a thread waited for on a line.
  void AddWait(const LineKey& key, const FrameData& frame, const FoldedWait& wait);
  void AddAwait(const LineKey& key, const FrameData& frame, const AwaitCounts& await);
  // Of what threads waited for the GIL on a line, the part for which `holder` had it.
  void AddGilHolder(const LineKey& waiter, const LineKey& holder, double sec);
  // The same of threading's locks.
  void AddLockHolder(const LineKey& waiter, const LineKey& holder, double sec);
  GilCounts& gil() { return gil_; }
  // Idle time of the whole tree, credited to a line and a stack (none: no stack), or to no profiled line.
  void AddIdle(const LineKey& key, const FrameData& frame, StackId stack, double sec);
  void AddIdleToStack(StackId stack, double sec);
  void AddIdleOutside(StringId innermost_file, double sec);
  // What a thread waited for, on whatever line.
  void AddThreadWait(const FoldedWait& wait) { waits_[wait.reason] += wait.sec; }

  // Adds everything of `other`, its CPU seconds multiplied by `cpu_scale`.
  void Merge(const FoldedCounts& other, double cpu_scale);

  const std::unordered_map<LineKey, LineCounts, LineKeyHash>& lines() const { return lines_; }
  const std::unordered_map<StackId, StackCounts>& stacks() const { return stacks_; }
  const OutsideCounts& outside() const { return outside_; }
  int64_t samples() const { return samples_; }
  double cpu_sec() const { return cpu_sec_; }
  const WaitSeconds& waits() const { return waits_; }
  const GilCounts& gil() const { return gil_; }
  int64_t off_cpu_samples() const { return off_cpu_samples_; }

 private:
  std::unordered_map<LineKey, LineCounts, LineKeyHash> lines_;
  std::unordered_map<StackId, StackCounts> stacks_;
  OutsideCounts outside_;
  WaitSeconds waits_;
  GilCounts gil_;
  int64_t samples_ = 0, off_cpu_samples_ = 0;
  double cpu_sec_ = 0;  // of all samples
};

}  // namespace scalene::profile
