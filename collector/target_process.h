// TargetProcess: one process of the run, from its introduction to its end: its ring, its code objects, its modules, its
// clocks, its threads and the counts of its samples. An exec makes a new TargetProcess of the same pid.
// Threads: one owner.
#pragma once

#include <sys/types.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "collector/call_sites.h"
#include "collector/capture_writer.h"
#include "collector/code_objects.h"
#include "collector/memory_folder.h"
#include "collector/process_code.h"
#include "collector/recorded_time.h"
#include "collector/sample_folder.h"
#include "collector/shared_ring.h"
#include "profile/document.h"
#include "profile/folded_counts.h"
#include "profile/python_environment.h"
#include "wire/decoder.h"

namespace scalene::collector {

// What a process lost, by stage: counted by the agent (capture, transport) and by decode.
struct ProcessLosses {
  int64_t no_buffer = 0, cut_stacks = 0, torn_stacks = 0;
  int64_t ring_full = 0, record_too_big = 0;
  int64_t bad_record = 0, bytes_skipped = 0;
};

// A thread as its records tell it.
struct ThreadTimes {
  int32_t tid = 0;
  uint64_t ident = 0;
  bool is_main = false, has_python = false;
  int64_t samples = 0;
  uint64_t start_ns = 0, end_ns = 0;  // CLOCK_MONOTONIC; end 0: not ended
  uint64_t last_seen_ns = 0;
  uint64_t first_cpu_ns = 0, last_cpu_ns = 0;  // its own clock
  profile::KindSeconds sec;
  profile::WaitSeconds waits;
  std::string name;                      // "": not known
  ProcessContext::RecentLine last_line;  // where its last sample fell, for those whose frames could not be read
};

class TargetProcess;
// Another process of the run, or nullptr. A fork child runs its parent's interpreter with its parent's words.
using ProcessLookup = std::function<const TargetProcess*(pid_t pid)>;

enum class ProcessRole : uint8_t { kRoot, kRootsNextImage, kChild };

class TargetProcess {
 public:
  TargetProcess(pid_t pid, SharedRing ring, ProcessRole role, Symbolizer& symbolizer, MemoryFolder& memory,
                ProcessLookup lookup);

  pid_t pid() const { return pid_; }
  // What its main thread had waited for a CPU when it introduced itself, before the program began.
  uint64_t delay_before_ns() const { return delay_before_ns_; }
  // The program itself, whichever image of it.
  bool is_root() const { return role_ != ProcessRole::kChild; }
  int pidfd() const { return pidfd_.get(); }
  bool is_python() const { return start_.has_value(); }
  bool ended() const { return ended_; }

  // From now on every record also goes there, under this number of the image.
  void KeepRecordsIn(CaptureWriter& capture, uint32_t image) {
    capture_ = &capture;
    image_ = image;
  }

  // Reads the clock, then every record that is there.
  void Drain(SampleFolder& folder, double cpus_usable);
  // The process is gone (or has become another image): reads the rest, torn records included.
  void Finish(SampleFolder& folder, double cpus_usable);
  // Lets the agent go on unwatched: it stops by itself.
  void SayGoodbye();
  void Beat();
  // Suspends or resumes its recording. False: it was so already.
  bool Switch(bool on);
  bool on() const { return recorded_time_.on(); }
  int64_t samples() const { return samples_; }

  // An exec has put another program, one without an agent, in its place.
  bool left_image() const { return left_image_; }
  // The process has ended, or its image has, and can be finished.
  bool HasEnded() const;

  // Moves the counts since the last call into `run`, multiplied so that they add up to what the CPU clock says of the same
  // time. So sums in `run` never shrink.
  void SettleInto(profile::FoldedCounts& run, SampleFolder& folder);

  // CPU time recorded so far, by the process's clock (or those of its threads, when they know more).
  double CpuSec() const;
  // CPU time that the samples stand for. A fork child introduces itself at its first tick only, and one that ends before is
  // never heard of. So the first tick stands for the mean interval, as it does for threads, not for the child's own clock
  // up to then: children that were heard of pay for those that were not.
  double SharedCpuSec() const { return CpuSec() + birth_sec_; }
  // CPU time in no sample, beyond what scaling puts right: blocked signals, full ring.
  double LostSec() const;
  profile::ProcessRow Row(double recording_start_sec) const;
  void AppendThreads(double recording_start_sec, std::vector<profile::ThreadRow>& rows) const;
  void AddLosses(profile::Losses& losses) const;

  const std::optional<wire::ProcessStartRecord>& start() const { return start_; }
  const profile::PythonEnvironment& environment() const { return environment_; }
  const std::vector<wire::NoticeRecord>& notices() const { return notices_; }
  // Samples lie in the ring until the machine code in which they were taken has been read.
  bool held_up() const { return held_up_; }
  // The process's clock when records last came.
  uint64_t cpu_at_record_ns() const { return cpu_at_record_ns_; }
  // Its memory does not look like ours: the next look for an exec does not wait for CPU time.
  void SuspectExec() { exec_suspected_ = true; }
  // For who looks at its waits from outside: recording goes on, and is not suspended.
  bool recording() const { return start_ && !ended_ && end_ns_ == 0; }
  bool enabled() const { return ring_ && wire::IsOn(ring_->control().switches.load(std::memory_order_relaxed)); }
  uint64_t end_ns() const { return end_ns_; }  // 0: not yet
  CodeObjects& codes() { return *codes_; }
  ThreadTimes& ThreadOf(int32_t tid);
  ProcessContext ContextOf(ThreadTimes& thread);
  // Its only thread of Python was seen waiting, on that line for threads of C.
  void NoteWait(double now_sec, std::optional<ProcessContext::RecentLine> drives) {
    waits_.Note(now_sec, std::move(drives));
  }
  // What the profile calls its thread_id.
  uint64_t ThreadIdOf(const ThreadTimes& thread) const;
  // Where a thread's newest CPU sample fell, and when; its time is 0 when there is none on a profiled line.
  ProcessContext::RecentLine NewestLine(pid_t tid, SampleFolder& folder);
  // Where a thread was at a moment when others waited for what it had.
  struct Hold {
    profile::LineKey line;  // line 0: on no profiled one
    bool native = false;    // in code that is not Python
    bool with_gil = false;
    double time_sec = 0;
  };
  // The one nearest in time, of the CPU samples of a thread, or only of those that it took with the GIL held. nullopt: none
  // of late.
  std::optional<Hold> NearestHold(pid_t tid, double time_sec, bool with_gil, SampleFolder& folder);
  void AddIdle(double sec) { idle_sec_ += sec; }
  double end_sec() const { return static_cast<double>(end_ns_) * 1e-9; }
  // Wall time until `now_sec` (CLOCK_MONOTONIC) in which recording was suspended.
  double SuspendedSec(double now_sec) const;

 private:
  void ReadClock();
  void LookForExec();
  void ReadLosses();
  bool MustWait(const wire::Event& event);
  // `may_wait`: for files to be read, if need be.
  void ReadRecords(SampleFolder& folder, double cpus_usable, bool may_wait);
  void Handle(const wire::Event& event, SampleFolder& folder, double cpus_usable);
  void HandleStart(const wire::ProcessStartRecord& record);
  void HandleSwitch(const wire::SwitchRecord& record);
  void HandleText(const wire::ProcessTextEvent& event);
  void HandleThreadStart(const wire::ThreadStartRecord& record);
  void LookAtMemory();
  void HandleSample(const wire::SampleEvent& event, SampleFolder& folder, double cpus_usable);
  void NoteCallSites(const wire::SampleEvent& event, CodeRegion region);
  void FoldOldest(SampleFolder& folder);
  void FoldWaiting(SampleFolder& folder);
  profile::CpuKind KindOf(const wire::SampleEvent& event, CodeRegion region) const;
  void ForgetDeadThreads();

  // A sample on its way to the counts. It waits for later ones, which say more about the call that it stands on (see
  // call_sites.h); where it fell and how busy the process was is noted as long as that can be known.
  struct WaitingSample {
    wire::SampleRecord record;
    std::vector<wire::FrameEntry> frames;
    CodeRegion region;
    double utilization;
  };

  static constexpr size_t kMostThreads = 20'000;
  const pid_t pid_;
  const ProcessRole role_;
  MemoryFolder& memory_folder_;
  ProcessMemory memory_;
  ProcessLookup lookup_;
  CaptureWriter* capture_ = nullptr;
  uint32_t image_ = 0;
  UniqueFd pidfd_;
  std::optional<SharedRing> ring_;  // until the end
  std::optional<wire::ProcessStartRecord> start_;
  profile::PythonEnvironment environment_;
  std::vector<std::string> argv_;
  std::unique_ptr<CodeObjects> codes_;     // from the start record on
  std::unique_ptr<CallSites> call_sites_;  // likewise
  std::optional<ProcessCode> code_;        // until the end
  std::deque<WaitingSample> waiting_;
  std::deque<std::pair<pid_t, Hold>> recent_holds_;  // of samples that have been folded; kMostWaiting at most
  profile::FoldedCounts counts_;
  ProcessContext::RecentLine driver_;
  ProcessContext::Waits waits_;
  std::map<int32_t, ThreadTimes> threads_;
  std::vector<wire::NoticeRecord> notices_;
  ProcessLosses losses_;
  int64_t samples_ = 0;
  uint64_t forgotten_threads_ns_ = 0;  // CPU time of threads without a row
  double idle_sec_ = 0;                // no thread of it was on, or waiting for, a CPU
  double birth_sec_ = 0;               // see SharedCpuSec
  double settled_cpu_sec_ = 0, settled_lost_sec_ = 0, sampled_sec_ = 0;
  uint64_t delay_before_ns_ = 0;                   // waited for a CPU, when it introduced itself
  uint64_t cpu_clock_ns_ = 0, clock_read_ns_ = 0;  // the process's clock when last read, and when that was
  double utilization_ = 0;                         // CPU seconds per second in the last window
  std::optional<uint64_t> end_cpu_ns_;             // said by the process itself
  uint64_t cpu_at_record_ns_ = 0;                  // see above
  uint64_t end_ns_ = 0;
  uint64_t lost_ns_ = 0;
  RecordedTime recorded_time_;
  bool held_up_ = false;
  bool left_image_ = false;
  bool exec_suspected_ = false;
  bool ended_ = false;
  std::vector<uint64_t> record_;  // private copy of the record at hand
};

}  // namespace scalene::collector
