// MemoryFolder: sampled blocks and copies of all processes, folded into MemoryCounts. One for the run; ProcessMemory is what
// it remembers of one process: which of its samples live, and which are not yet known to be more than transient.
//
//   allocation ─▶ its line: all, live, curve ─▶ pending ─(W more bytes allocated while it lives)─▶ counted
//                                                   └─(freed before)─▶ transient
//
// Threads: one owner.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>

#include "collector/sample_folder.h"
#include "profile/memory_counts.h"
#include "wire/decoder.h"
#include "wire/ring_buffer.h"

namespace scalene::collector {

// A sampled block that lives.
struct LiveSample {
  profile::LineMemory* line = nullptr;  // nullptr: on no profiled line
  profile::Holding* function = nullptr;
  profile::StackMemory* stack = nullptr;
  double bytes = 0;     // of the block itself; what is left of it
  double factor = 0;    // it stands for bytes * factor
  double variance = 0;  // of that
  uint64_t window = 0;
  double time_sec = 0;
  uint64_t allocated = 0;  // by the process, when it was made
  uint64_t execution = 0;
  bool python = false, opaque = false, counted = false;
};

class ProcessMemory {
 private:
  friend class MemoryFolder;
  std::unordered_map<uint64_t, LiveSample> live_;  // by id
  std::deque<uint64_t> pending_;                   // ids, oldest first: small blocks, not counted yet
  struct Execution {
    uint64_t code = 0;
    int line = 0, offset = 0;
    uint64_t number = 0;
  };
  std::map<int32_t, Execution> executions_;  // the last of each thread
  std::map<int32_t, double> thread_bytes_;   // allocated by each thread
  double python_start_ = 0, native_start_ = 0;
  bool ended_ = false, estimated_ = false;
  double opaque_live_ = 0;      // of samples whose allocator does not tell
  double inherited_freed_ = 0;  // a fork child's: not its own bytes
  double python_ = 0, footprint_ = 0, highest_ = 0;
  uint64_t allocated_ = 0;
  double rss_ = 0, highest_rss_ = 0;
  int64_t unsampled_ = 0, thinnings_ = 0;
  uint64_t thinned_window_ = 0;  // samples at smaller windows have been thinned to this one
};

class MemoryFolder {
 public:
  // `window`: as asked for; what is smaller can be transient.
  MemoryFolder(SampleFolder& folder, uint64_t window);

  // When recording began (CLOCK_MONOTONIC), and how long it was suspended since.
  void Begin(double recording_start_sec) { start_sec_ = recording_start_sec; }
  void NoteSuspended(double seconds) { suspended_sec_ = seconds; }
  // What the process held when its recording began; before its first sample is folded.
  void NoteStart(ProcessMemory& process, const wire::MemoryCounters& counters);
  void Fold(ProcessMemory& process, ProcessContext& context, const wire::AllocationEvent& event);
  void Fold(ProcessMemory& process, const wire::FreeRecord& record);
  void Fold(ProcessMemory& process, const wire::MemoryWindowRecord& record);
  void Fold(ProcessContext& context, const wire::CopyEvent& event);
  // Reads the process's counters; after its records.
  void Look(ProcessMemory& process, wire::MemoryCounters& counters, double time_sec);
  void NoteRss(ProcessMemory& process, double bytes, double time_sec);
  // The process has ended. `keep`: what it holds is what the program held at its end.
  void End(ProcessMemory& process, bool keep);

  double HighestOf(const ProcessMemory& process) const { return process.highest_; }
  double HighestRssOf(const ProcessMemory& process) const { return process.highest_rss_; }
  // Blocks that were chosen and found no room, and how often the table of live samples was thinned.
  int64_t UnsampledOf(const ProcessMemory& process) const { return process.unsampled_; }
  int64_t ThinningsOf(const ProcessMemory& process) const { return process.thinnings_; }
  double BytesOf(const ProcessMemory& process, int32_t tid) const;
  const profile::MemoryCounts& counts() const { return counts_; }

 private:
  double Recorded(double time_sec) const;
  void SetFootprint(ProcessMemory& process, double python, double native);
  void NoteHighest(ProcessMemory& process, double total, double python);
  LiveSample Place(ProcessContext& context, std::span<const wire::FrameEntry> frames, ProcessMemory& process,
                   const wire::AllocationRecord& record);
  uint64_t ExecutionOf(ProcessMemory& process, const SampleFolder::Standing& place, int32_t tid);
  void Count(LiveSample& sample);
  void CountRipe(ProcessMemory& process, uint64_t allocated);
  void Change(LiveSample& sample, double bytes, double time_sec);
  void Thin(ProcessMemory& process, std::unordered_map<uint64_t, LiveSample>::iterator place);
  void Remove(ProcessMemory& process, std::unordered_map<uint64_t, LiveSample>::iterator place);

  SampleFolder& folder_;
  const uint64_t window_;
  profile::MemoryCounts counts_;
  double start_sec_ = 0, suspended_sec_ = 0;
  double total_ = 0, total_python_ = 0;  // footprint of all processes
  double total_rss_ = 0;
  uint64_t executions_ = 0;
  profile::LineKey last_line_;  // of the last allocation sample
  bool last_was_native_ = false, has_last_line_ = false;
};

}  // namespace scalene::collector
