// Recording: one run of `scalene run`, from launch to the last record. The loop of the collector lives here.
//
//   Start ─▶ RunToEnd ─▶ Take            Take may be called in between, for interval writes
//
// One thread, one epoll: introductions, signals, ends of processes, and a tick that drains the rings.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/unique_fd.h"
#include "collector/capture_writer.h"
#include "collector/launcher.h"
#include "collector/memory_folder.h"
#include "collector/receiver.h"
#include "collector/sample_folder.h"
#include "collector/signal_relay.h"
#include "collector/symbolizer.h"
#include "collector/target_process.h"
#include "collector/unprofiled_children.h"
#include "collector/wait_sampler.h"
#include "profile/recorded_run.h"

namespace scalene::collector {

struct RecordingOptions {
  LaunchRequest launch;        // its collector_address is filled in here
  double interval_sec = 0.01;  // mean CPU time between samples of a thread
  bool start_enabled = true;
  bool follow_children = true;
  bool keep_stacks = true;
  uint64_t memory_window = 0;     // mean bytes between samples of allocations; 0: memory is not profiled
  bool read_tasks = true;         // of asyncio
  bool look_at_waits = true;      // false: CPU time only
  double write_interval_sec = 0;  // 0: only at the end
  std::string capture_path;       // keep the raw records here; empty: nowhere
  profile::FilterOptions filter;
};

class Recording {
 public:
  static Result<std::unique_ptr<Recording>> Open(RecordingOptions options);
  ~Recording();

  // Starts the program.
  Launched Start();
  // Until the program ends; calls `on_interval` every write_interval_sec, and when recording is suspended from outside.
  ProgramEnd RunToEnd(const std::function<void()>& on_interval);
  // After the end: ends the capture, if there is one, and says what went wrong with it.
  Status FinishCapture() { return capture_ ? capture_->Close() : Status(); }
  // What has been recorded so far, merged over all processes.
  profile::RecordedRun Take();
  // The sources read so far, each when its first sample came.
  profile::SourceCache& sources() { return folder_.sources(); }

 private:
  explicit Recording(RecordingOptions options);
  Status OpenDescriptors();
  Status OpenCapture();
  void Watch(int descriptor, uint32_t how = 0);
  std::vector<SwitchCall> TakeMessages();
  void Answer(const SwitchCall& call, const std::function<void()>& write_profile);
  void SwitchAll(bool on);
  wire::SwitchReply SwitchState() const;
  void Adopt(Introduction introduction);
  void DrainAll();
  void LookAtWaits();
  void SetWaitTimer();
  void FinishEnded();
  void FinishProcess(TargetProcess& process);
  void ForgetOldest();
  bool ProgramHasEnded(ProgramEnd* end);
  const TargetProcess* Root() const;
  const TargetProcess* ProcessOf(pid_t pid) const;
  std::vector<pid_t> LivingProcesses() const;
  profile::ProcessRow UnprofiledRoot() const;
  void DescribeRoot(const TargetProcess& root, double now, profile::RecordedRun& run) const;
  void DescribeProcesses(profile::RecordedRun& run) const;

  RecordingOptions options_;
  std::unique_ptr<Receiver> receiver_;
  std::unique_ptr<SignalRelay> relay_;
  std::unique_ptr<CaptureWriter> capture_;  // null: none
  UniqueFd epoll_, ticker_;
  UniqueFd wait_timer_;  // for the next look at waits
  Symbolizer symbolizer_;
  SampleFolder folder_;
  MemoryFolder memory_;
  pid_t program_ = 0;
  std::optional<bool> switched_;  // by somebody outside: what every process, also a new one, is to do
  int64_t switched_at_ns_ = 0;    // CLOCK_REALTIME
  double cpus_usable_ = 1;
  double launched_sec_ = 0, ended_sec_ = 0;                // CLOCK_MONOTONIC
  double program_cpu_sec_ = 0;                             // by the kernel's accounts, once it has ended
  std::vector<std::unique_ptr<TargetProcess>> processes_;  // all of the run, in order of introduction
  UnprofiledChildren unprofiled_;
  std::vector<pid_t> left_images_;  // processes that became programs without an agent
  struct Forgotten {
    double cpu_sec = 0, lost_sec = 0;
    profile::Losses losses;
  } forgotten_;                   // sums of processes whose rows are not kept
  profile::FoldedCounts counts_;  // of all processes, as far as settled
  WaitSampler waits_;
};

}  // namespace scalene::collector
