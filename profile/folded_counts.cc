#include "profile/folded_counts.h"

#include <algorithm>

namespace scalene::profile {

void KindSeconds::Add(CpuKind kind, double seconds) {
  switch (kind) {
    case CpuKind::kPython:
      python += seconds;
      break;
    case CpuKind::kNative:
      native += seconds;
      break;
    case CpuKind::kKernel:
      kernel += seconds;
      break;
  }
}

void KindSeconds::AddScaled(const KindSeconds& other, double cpu_scale) {
  python += other.python * cpu_scale;
  native += other.native * cpu_scale;
  kernel += other.kernel * cpu_scale;
  idle += other.idle;
}

void Thinned::Add(double value) {
  if (seen_++ % stride_ != 0) return;
  values_.push_back(value);
  if (values_.size() >= 2 * kMost) Halve();
}

void Thinned::Merge(const Thinned& other) {
  while (stride_ < other.stride_) Halve();
  const size_t step = stride_ / other.stride_;  // both shall be equally thin
  for (size_t i = 0; i < other.values_.size(); i += step) values_.push_back(other.values_[i]);
  while (values_.size() >= 2 * kMost) Halve();
}

void Thinned::Halve() {
  for (size_t i = 0; 2 * i < values_.size(); ++i) values_[i] = values_[2 * i];
  values_.resize((values_.size() + 1) / 2);
  stride_ *= 2;
}

void FoldedCounts::AddToLine(const LineKey& key, const FrameData& frame, const FoldedSample& sample) {
  LineCounts& line = lines_[key];
  line.sec.Add(sample.kind, sample.sec);
  ++line.samples;
  line.squared_weights += sample.sec * sample.sec;
  line.utilization_sum += sample.utilization;
  line.sample_times.Add(sample.time_sec);
  line.function = frame.function;
  line.function_first_line = frame.first_line;
  ++samples_;
  cpu_sec_ += sample.sec;
}

void FoldedCounts::AddToStack(StackId stack, const FoldedSample& sample) {
  if (!stack) return;
  StackCounts& counts = stacks_[stack];
  counts.sec.Add(sample.kind, sample.sec);
  ++counts.samples;
}

void FoldedCounts::AddOutside(StringId innermost_file, const FoldedSample& sample) {
  outside_.sec += sample.sec;
  ++outside_.samples;
  auto& [sec, samples] = outside_.files[innermost_file];
  sec += sample.sec;
  ++samples;
  ++samples_;
  cpu_sec_ += sample.sec;
}

void FoldedCounts::AddWait(const LineKey& key, const FrameData& frame, const FoldedWait& wait) {
  LineCounts& line = lines_[key];
  line.waits[wait.reason] += wait.sec;
  line.function = frame.function;
  line.function_first_line = frame.first_line;
}

void AddHolders(const HolderSeconds& from, HolderSeconds& to) {
  for (const auto& [line, sec] : from) to[line] += sec;
}

void GilCounts::Add(const GilCounts& other) {
  looked_sec += other.looked_sec;
  held_sec += other.held_sec;
  known_sec += other.known_sec;
  native_sec += other.native_sec;
  contended_sec += other.contended_sec;
  AddHolders(other.holders, holders);
}

void FoldedCounts::AddGilHolder(const LineKey& waiter, const LineKey& holder, double sec) {
  lines_[waiter].gil_holders[holder] += sec;
}

void FoldedCounts::AddLockHolder(const LineKey& waiter, const LineKey& holder, double sec) {
  lines_[waiter].lock_holders[holder] += sec;
}

void AwaitCounts::Add(const AwaitCounts& other) {
  sec += other.sec;
  task_sec += other.task_sec;
  looked_sec += other.looked_sec;
  concurrency += other.concurrency;
  peak = std::max(peak, other.peak);
  lag_sec += other.lag_sec;
  block_sec += other.block_sec;
  for (const std::string& name : other.names) {
    if (names.size() >= kMostNames) break;
    names.insert(name);
  }
}

void FoldedCounts::AddAwait(const LineKey& key, const FrameData& frame, const AwaitCounts& await) {
  LineCounts& line = lines_[key];
  line.awaits.Add(await);
  line.function = frame.function;
  line.function_first_line = frame.first_line;
}

void FoldedCounts::AddIdle(const LineKey& key, const FrameData& frame, StackId stack, double sec) {
  LineCounts& line = lines_[key];
  line.sec.idle += sec;
  line.squared_weights += sec * sec;
  line.function = frame.function;
  line.function_first_line = frame.first_line;
  ++line.off_cpu_samples;
  ++off_cpu_samples_;
  AddIdleToStack(stack, sec);
}

void FoldedCounts::AddIdleToStack(StackId stack, double sec) {
  if (!stack) return;
  StackCounts& counts = stacks_[stack];
  counts.sec.idle += sec;
  ++counts.samples;
}

void FoldedCounts::AddIdleOutside(StringId innermost_file, double sec) {
  outside_.sec += sec;
  outside_.idle_sec += sec;
  outside_.files[innermost_file].first += sec;
  ++off_cpu_samples_;
}

void FoldedCounts::Merge(const FoldedCounts& other, double cpu_scale) {
  for (const auto& [key, theirs] : other.lines_) {
    LineCounts& ours = lines_[key];
    ours.sec.AddScaled(theirs.sec, cpu_scale);
    ours.waits.Add(theirs.waits);
    ours.awaits.Add(theirs.awaits);
    AddHolders(theirs.gil_holders, ours.gil_holders);
    AddHolders(theirs.lock_holders, ours.lock_holders);
    ours.samples += theirs.samples;
    ours.off_cpu_samples += theirs.off_cpu_samples;
    ours.squared_weights += theirs.squared_weights * cpu_scale * cpu_scale;
    ours.utilization_sum += theirs.utilization_sum;
    ours.sample_times.Merge(theirs.sample_times);
    ours.function = theirs.function;
    ours.function_first_line = theirs.function_first_line;
  }
  for (const auto& [stack, theirs] : other.stacks_) {
    StackCounts& ours = stacks_[stack];
    ours.sec.AddScaled(theirs.sec, cpu_scale);
    ours.samples += theirs.samples;
  }
  outside_.sec += (other.outside_.sec - other.outside_.idle_sec) * cpu_scale + other.outside_.idle_sec;
  outside_.idle_sec += other.outside_.idle_sec;
  outside_.samples += other.outside_.samples;
  for (const auto& [file, theirs] : other.outside_.files) {
    auto& [sec, samples] = outside_.files[file];
    sec += theirs.first * cpu_scale;
    samples += theirs.second;
  }
  waits_.Add(other.waits_);
  gil_.Add(other.gil_);
  samples_ += other.samples_;
  off_cpu_samples_ += other.off_cpu_samples_;
  cpu_sec_ += other.cpu_sec_ * cpu_scale;
}

}  // namespace scalene::profile
