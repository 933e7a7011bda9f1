#include "collector/memory_folder.h"

#include <algorithm>
#include <cmath>

#include "wire/memory_sampling.h"

namespace scalene::collector {
namespace {

// Squared standard error of a block's estimate: s^2 (1 - p) / p^2.
double VarianceOf(double bytes, uint64_t window) {
  const double chance = wire::SampleChance(static_cast<uint64_t>(bytes), window);
  return chance >= 1 ? 0 : bytes * bytes * (1 - chance) / (chance * chance);
}

// A hostile process may claim anything; a block is at most the address space.
bool IsPossible(uint64_t bytes, uint64_t window) {
  constexpr uint64_t kMost = uint64_t{1} << 47;
  return bytes > 0 && bytes < kMost && window > 0 && window < kMost << 8;
}

}  // namespace

MemoryFolder::MemoryFolder(SampleFolder& folder, uint64_t window) : folder_(folder), window_(window) {
  counts_.profiled = window > 0;
}

double MemoryFolder::Recorded(double time_sec) const { return std::max(0.0, time_sec - start_sec_ - suspended_sec_); }

double MemoryFolder::BytesOf(const ProcessMemory& process, int32_t tid) const {
  const auto found = process.thread_bytes_.find(tid);
  return found == process.thread_bytes_.end() ? 0 : found->second;
}

void MemoryFolder::NoteHighest(ProcessMemory& process, double total, double python) {
  process.highest_ = std::max(process.highest_, process.footprint_);
  if (total <= counts_.footprint.highest) return;
  counts_.footprint.highest = total;
  counts_.footprint.highest_python = std::min(python, total);
  counts_.footprint.highest_line = last_line_;
  counts_.footprint.has_highest_line = has_last_line_;
  counts_.footprint.highest_on_native_thread = last_was_native_;
  ++counts_.peaks;
}

// By the process's counters, and by its samples where those do not tell.
void MemoryFolder::SetFootprint(ProcessMemory& process, double python, double native) {
  const double own_python = std::max(0.0, python - process.python_start_ + process.opaque_live_);
  const double whole =
      python + native - process.python_start_ - process.native_start_ + process.opaque_live_ + process.inherited_freed_;
  const double footprint = std::max(0.0, whole);
  total_ += footprint - process.footprint_;
  total_python_ += std::min(own_python, footprint) - process.python_;
  process.footprint_ = footprint;
  process.python_ = std::min(own_python, footprint);
}

// The run of one thread's samples in one frame and line, with rising offsets.
uint64_t MemoryFolder::ExecutionOf(ProcessMemory& process, const SampleFolder::Standing& place, int32_t tid) {
  ProcessMemory::Execution& last = process.executions_[tid];
  const bool goes_on =
      last.code == place.frame.code && last.line == place.line.line.line && place.frame.offset > last.offset;
  if (!goes_on) last.number = ++executions_;
  last.code = place.frame.code;
  last.line = place.line.line.line;
  last.offset = place.frame.offset;
  return last.number;
}

LiveSample MemoryFolder::Place(ProcessContext& context, std::span<const wire::FrameEntry> frames,
                               ProcessMemory& process, const wire::AllocationRecord& record) {
  LiveSample sample;
  const bool native_thread = (record.flags & wire::kSampleNoThreadState) != 0;
  const double bytes = static_cast<double>(record.bytes) / wire::SampleChance(record.bytes, record.window);
  last_was_native_ = native_thread;
  const SampleFolder::Standing place = folder_.Find(context, frames);
  has_last_line_ = place.profiled;
  if (!place.profiled) {
    (native_thread ? counts_.native_threads : counts_.outside) += bytes;
    return sample;
  }
  const auto& [line, frame, stack, time] = place.line;
  last_line_ = line;
  sample.line = &counts_.lines[line];
  sample.line->function = frame.function;
  sample.line->function_first_line = frame.first_line;
  sample.function = &counts_.functions[{line.file, folder_.FunctionLineOf(line, frame)}];
  if (stack) sample.stack = &counts_.stacks[stack];
  sample.execution = ExecutionOf(process, place, record.tid);
  return sample;
}

void MemoryFolder::Change(LiveSample& sample, double bytes, double time_sec) {
  if (sample.line == nullptr) return;
  sample.line->history.Reach(time_sec, sample.line->held.live());
  sample.line->held.Add(bytes, counts_.peaks);
  sample.function->Add(bytes, counts_.peaks);
  if (sample.stack != nullptr) sample.stack->held.Add(bytes, counts_.peaks);
}

void MemoryFolder::Count(LiveSample& sample) {
  sample.counted = true;
  if (sample.line == nullptr) return;
  profile::LineMemory& line = *sample.line;
  const double bytes = sample.bytes * sample.factor;
  line.counted += bytes;
  if (sample.python) line.python += bytes;
  line.variance += VarianceOf(sample.bytes, sample.window);
  line.seen += sample.bytes;
  if (sample.stack != nullptr) sample.stack->counted += bytes;
  const bool exact = sample.factor <= 1;
  if (exact) line.exact += bytes;
  if (exact && line.last_exact_execution != sample.execution) ++line.exact_executions;
  if (line.last_execution != sample.execution) line.executions += sample.factor;
  line.last_execution = sample.execution;
  if (exact) line.last_exact_execution = sample.execution;
}

// Small blocks that have lived while the process allocated a window more are here to stay.
void MemoryFolder::CountRipe(ProcessMemory& process, uint64_t allocated) {
  while (!process.pending_.empty()) {
    const auto oldest = process.live_.find(process.pending_.front());
    if (oldest != process.live_.end()) {
      if (allocated < oldest->second.allocated + window_) return;
      Count(oldest->second);
    }
    process.pending_.pop_front();
  }
}

void MemoryFolder::Fold(ProcessMemory& process, ProcessContext& context, const wire::AllocationEvent& event) {
  const wire::AllocationRecord& record = event.record;
  if (!IsPossible(record.bytes, record.window) || process.live_.contains(record.id)) return;
  const double time_sec = Recorded(static_cast<double>(record.time_ns) * 1e-9);
  counts_.time_sec = std::max(counts_.time_sec, time_sec);
  ++counts_.samples;
  LiveSample sample = Place(context, event.frames, process, record);
  sample.bytes = static_cast<double>(record.bytes);
  sample.factor = 1 / wire::SampleChance(record.bytes, record.window);
  sample.variance = VarianceOf(sample.bytes, record.window);
  sample.window = record.window;
  sample.time_sec = time_sec;
  sample.allocated = record.allocated;
  sample.python = record.kind & wire::kAllocationPython;
  sample.opaque = record.kind & wire::kAllocationOpaque;
  const double bytes = sample.bytes * sample.factor;
  process.thread_bytes_[record.tid] += bytes;
  counts_.allocations += sample.factor;
  if (sample.opaque) {
    process.opaque_live_ += bytes;
    process.estimated_ = true;
  }
  if (sample.line != nullptr) {
    sample.line->all += bytes;
    sample.line->allocations += sample.factor;
    sample.line->history.AddMade(time_sec, sample.line->held.live());
    sample.line->live_variance += sample.variance;
  }
  Change(sample, bytes, time_sec);
  SetFootprint(process, static_cast<double>(record.python_live), static_cast<double>(record.native_live));
  NoteHighest(process, total_, total_python_);
  counts_.footprint.curve.Add(time_sec, total_);
  counts_.footprint.python.Add(time_sec, total_python_);
  if (sample.line != nullptr) sample.line->curve.Add(time_sec, process.footprint_);
  if (record.bytes >= window_) {
    Count(sample);
  } else {
    process.pending_.push_back(record.id);
  }
  const auto place = process.live_.emplace(record.id, sample).first;
  Thin(process, place);  // chosen just before the table was thinned, told just after
  CountRipe(process, record.allocated);
}

void MemoryFolder::Remove(ProcessMemory& process, std::unordered_map<uint64_t, LiveSample>::iterator place) {
  LiveSample& sample = place->second;
  if (sample.opaque) process.opaque_live_ -= sample.bytes * sample.factor;
  if (sample.line != nullptr) sample.line->live_variance -= sample.variance;
  process.live_.erase(place);
}

void MemoryFolder::Fold(ProcessMemory& process, const wire::FreeRecord& record) {
  if (!IsPossible(record.bytes, record.window)) return;
  ++counts_.samples;
  const double time_sec = Recorded(static_cast<double>(record.time_ns) * 1e-9);
  CountRipe(process, record.allocated);
  const auto found = process.live_.find(record.id);
  if (found == process.live_.end()) {
    if (record.flags & wire::kFreeInherited)
      process.inherited_freed_ += static_cast<double>(record.bytes) / wire::SampleChance(record.bytes, record.window);
    return;
  }
  LiveSample& sample = found->second;
  const double given_back = std::min(sample.bytes, static_cast<double>(record.bytes));
  const double bytes = given_back * sample.factor;
  if (given_back < sample.bytes) {  // the rest lives on
    Change(sample, -bytes, time_sec);
    if (sample.opaque) process.opaque_live_ -= bytes;
    sample.bytes -= given_back;
    return;
  }
  if (sample.line != nullptr) {
    sample.line->history.AddFreed(sample.time_sec, time_sec, sample.line->held.live());
    sample.line->age_sec += (time_sec - sample.time_sec) * sample.factor;
    sample.line->aged += sample.factor;
  }
  if (!sample.counted) counts_.transient += bytes;
  Change(sample, -bytes, time_sec);
  Remove(process, found);
}

// What the agent no longer knows will never be freed for us; what it has kept stands for more.
void MemoryFolder::Thin(ProcessMemory& process, std::unordered_map<uint64_t, LiveSample>::iterator place) {
  LiveSample& sample = place->second;
  const auto bytes = static_cast<uint64_t>(sample.bytes);
  const uint64_t window = process.thinned_window_;
  if (sample.window >= window || bytes == 0) return;
  if (!sample.counted) Count(sample);
  const double before = sample.bytes * sample.factor;
  if (!wire::StaysAt(place->first, bytes, sample.window, window)) {
    Change(sample, -before, counts_.time_sec);
    return Remove(process, place);
  }
  sample.factor = 1 / wire::SampleChance(bytes, window);
  if (sample.opaque) process.opaque_live_ += sample.bytes * sample.factor - before;
  const double variance = VarianceOf(sample.bytes, window);
  if (sample.line != nullptr) sample.line->live_variance += variance - sample.variance;
  sample.variance = variance;
  Change(sample, sample.bytes * sample.factor - before, counts_.time_sec);
}

void MemoryFolder::Fold(ProcessMemory& process, const wire::MemoryWindowRecord& record) {
  if (!IsPossible(1, record.window) || record.window <= process.thinned_window_) return;
  ++process.thinnings_;
  process.thinned_window_ = record.window;
  for (auto place = process.live_.begin(); place != process.live_.end();) Thin(process, place++);
}

void MemoryFolder::Fold(ProcessContext& context, const wire::CopyEvent& event) {
  const wire::CopyRecord& record = event.record;
  if (!IsPossible(record.bytes, record.window)) return;
  // Without a size from which on all are sampled: one Poisson process over the copied bytes.
  const double bytes = static_cast<double>(record.bytes) /
                       -std::expm1(-static_cast<double>(record.bytes) / static_cast<double>(record.window));
  counts_.copied += bytes;
  const SampleFolder::Standing place = folder_.Find(context, event.frames);
  if (!place.profiled) return;
  profile::LineMemory& line = counts_.lines[place.line.line];
  line.copied += bytes;
  line.function = place.line.frame.function;
  line.function_first_line = place.line.frame.first_line;
}

void MemoryFolder::NoteStart(ProcessMemory& process, const wire::MemoryCounters& counters) {
  process.python_start_ = static_cast<double>(counters.python_at_start.load(std::memory_order_relaxed));
  process.native_start_ = static_cast<double>(counters.native_at_start.load(std::memory_order_relaxed));
}

void MemoryFolder::Look(ProcessMemory& process, wire::MemoryCounters& counters, double time_sec) {
  const auto read = [](const auto& counter) { return static_cast<double>(counter.load(std::memory_order_relaxed)); };
  if (process.ended_ || !counts_.profiled) return;
  NoteStart(process, counters);
  process.estimated_ |= counters.python_estimated.load(std::memory_order_relaxed) != 0;
  if (process.estimated_) counts_.footprint.exact = false;
  const double recorded = Recorded(time_sec);
  counts_.time_sec = std::max(counts_.time_sec, recorded);
  const auto recent = static_cast<double>(counters.recent_highest.exchange(0, std::memory_order_relaxed));
  const double highest =
      recent - process.python_start_ - process.native_start_ + process.opaque_live_ + process.inherited_freed_;
  // Python's part at that moment is known of the process's very highest one; of others the part at the last look serves.
  const double python =
      recent < read(counters.highest)
          ? process.python_
          : std::max(0.0, read(counters.highest_python) - process.python_start_ + process.opaque_live_);
  NoteHighest(process, total_ - process.footprint_ + highest, total_python_ - process.python_ + python);
  process.highest_ = std::max(process.highest_, highest);
  SetFootprint(process, read(counters.python_live), read(counters.native_live));
  NoteHighest(process, total_, total_python_);
  const uint64_t allocated = counters.allocated.load(std::memory_order_relaxed);
  if (allocated > process.allocated_) counts_.all += static_cast<double>(allocated - process.allocated_);
  process.allocated_ = std::max(process.allocated_, allocated);
  CountRipe(process, process.allocated_);
  process.unsampled_ = static_cast<int64_t>(counters.unsampled_blocks.load(std::memory_order_relaxed) & 0xffff'ffff);
  counts_.footprint.curve.Add(recorded, total_);
  counts_.footprint.python.Add(recorded, total_python_);
  counts_.footprint.at_end = total_;
}

void MemoryFolder::NoteRss(ProcessMemory& process, double bytes, double time_sec) {
  if (bytes <= 0) return;  // gone already
  if (!counts_.profiled) return;
  total_rss_ += bytes - process.rss_;
  process.rss_ = bytes;
  process.highest_rss_ = std::max(process.highest_rss_, bytes);
  counts_.footprint.highest_rss = std::max(counts_.footprint.highest_rss, total_rss_);
  counts_.footprint.rss.Add(Recorded(time_sec), total_rss_);
}

void MemoryFolder::End(ProcessMemory& process, bool keep) {
  if (process.ended_) return;
  process.ended_ = true;
  for (auto& [id, sample] : process.live_) {
    if (!sample.counted) Count(sample);  // it lived to the end
    if (!keep) Change(sample, -sample.bytes * sample.factor, counts_.time_sec);
  }
  process.pending_.clear();
  process.live_.clear();
  if (!keep)
    SetFootprint(process, process.python_start_ - process.opaque_live_ - process.inherited_freed_,
                 process.native_start_);
  total_rss_ -= process.rss_;
  process.rss_ = 0;
}

}  // namespace scalene::collector
