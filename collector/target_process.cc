#include "collector/target_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "base/cpython/opcodes.h"
#include "collector/classifier.h"
#include "collector/proc_files.h"
#include "collector/thread_probe.h"

namespace scalene::collector {
namespace {

// Samples that wait for later ones: 3 s of one busy thread at most, and 8 MiB of stacks at their deepest.
constexpr size_t kMostWaiting = 512;

bool HasGil(const wire::SampleRecord& record) { return (record.flags & wire::kSampleHoldsGil) != 0; }

bool IsNative(profile::CpuKind kind) { return kind != profile::CpuKind::kPython; }

constexpr uint64_t kGoodbye = ~0ull;  // a heartbeat that says: nobody will read any more

uint64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

TargetProcess::TargetProcess(pid_t pid, SharedRing ring, ProcessRole role, Symbolizer& symbolizer, MemoryFolder& memory,
                             ProcessLookup lookup)
    : pid_(pid),
      role_(role),
      memory_folder_(memory),
      lookup_(std::move(lookup)),
      pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))),
      ring_(std::move(ring)),
      argv_(CommandLineOf(pid)),
      code_(std::in_place, pid, symbolizer) {
  clock_read_ns_ = MonotonicNs();
  cpu_clock_ns_ = CpuClockOf(pid_).value_or(0);
  delay_before_ns_ = ThreadProbe(pid_, pid_).ReadSchedStat().value_or(SchedStat{}).delay_ns;
}

bool TargetProcess::HasEnded() const {
  if (left_image_) return true;
  if (!pidfd_.valid()) return kill(pid_, 0) != 0;
  pollfd ended{pidfd_.get(), POLLIN, 0};
  return poll(&ended, 1, 0) == 1;
}

void TargetProcess::Beat() { ring_->control().heartbeat.fetch_add(1, std::memory_order_relaxed); }
void TargetProcess::SayGoodbye() { ring_->control().heartbeat.store(kGoodbye, std::memory_order_relaxed); }

void TargetProcess::ReadClock() {
  const auto cpu_ns = CpuClockOf(pid_);
  if (!cpu_ns) return;
  const uint64_t now = MonotonicNs();
  if (now > clock_read_ns_)
    utilization_ = static_cast<double>(*cpu_ns - cpu_clock_ns_) / static_cast<double>(now - clock_read_ns_);
  cpu_clock_ns_ = std::max(cpu_clock_ns_, *cpu_ns);
  clock_read_ns_ = now;
}

void TargetProcess::Drain(SampleFolder& folder, double cpus_usable) {
  if (ended_) return;
  Beat();
  ReadClock();
  ReadRecords(folder, cpus_usable, false);
  // The highest footprint belongs to the line of the sample before it, so those that wait come first.
  if (!held_up_) LookAtMemory();
  ReadLosses();
  LookForExec();
}

void TargetProcess::LookAtMemory() {
  if (!start_ || !memory_folder_.counts().profiled) return;
  if (!recorded_time_.on()) {  // suspended: what is held meanwhile is in no curve and no maximum
    ring_->control().memory.recent_highest.store(0, std::memory_order_relaxed);
    return;
  }
  const double now = static_cast<double>(end_ns_ > 0 ? end_ns_ : clock_read_ns_) * 1e-9;
  if (role_ == ProcessRole::kRoot) memory_folder_.NoteSuspended(SuspendedSec(now));
  memory_folder_.Look(memory_, ring_->control().memory, now);
  memory_folder_.NoteRss(memory_, ResidentBytesOf(pid_), now);
}

// The clock runs on and no records come: has the process become another program, one without an agent? Its CPU time from
// then on is not ours to spread.
void TargetProcess::LookForExec() {
  constexpr uint64_t kSuspiciousNs = 200'000'000;
  if (!start_ || (!exec_suspected_ && cpu_clock_ns_ < cpu_at_record_ns_ + kSuspiciousNs)) return;
  exec_suspected_ = false;
  left_image_ = !MapsRing(pid_);
  if (left_image_) end_cpu_ns_ = cpu_at_record_ns_;
  cpu_at_record_ns_ = cpu_clock_ns_;  // signals blocked, or off; look again later
}

void TargetProcess::Finish(SampleFolder& folder, double cpus_usable) {
  if (ended_) return;
  ReadClock();
  ReadRecords(folder, cpus_usable, true);
  while (!ring_->ring().empty()) {
    const uint64_t skipped = ring_->ring().SkipHole();
    losses_.bytes_skipped += static_cast<int64_t>(skipped);
    if (skipped == 0 && ring_->ring().BeginRead().bytes == nullptr) break;
    ReadRecords(folder, cpus_usable, true);
  }
  LookAtMemory();
  memory_folder_.End(memory_, is_root() && !left_image_);
  ReadLosses();
  FoldWaiting(folder);
  ended_ = true;
  if (end_ns_ == 0) end_ns_ = MonotonicNs();
  ring_.reset();
  pidfd_.Reset();
  codes_.reset();
  call_sites_.reset();
  code_.reset();
  environment_.sys_path.clear();
}

void TargetProcess::ReadLosses() {
  const wire::Control& control = ring_->control();
  const auto read = [](const std::atomic<uint64_t>& counter) {
    return static_cast<int64_t>(counter.load(std::memory_order_relaxed) & 0xffff'ffff'ffff);  // the writer may lie
  };
  losses_.no_buffer = read(control.no_buffer);
  losses_.cut_stacks = read(control.cut_stacks);
  losses_.torn_stacks = read(control.torn_stacks);
  losses_.ring_full = read(control.losses.ring_full);
  losses_.record_too_big = read(control.losses.record_too_big);
}

// It stays in the ring until the machine code in which it was taken has been read.
bool TargetProcess::MustWait(const wire::Event& event) {
  const auto* sample = std::get_if<wire::SampleEvent>(&event);
  return sample != nullptr && !code_->IsReady(sample->record.pc);
}

void TargetProcess::ReadRecords(SampleFolder& folder, double cpus_usable, bool may_wait) {
  const wire::RingBuffer& ring = ring_->ring();
  // At most one ring's worth: a writer that is faster than we are must not keep us here.
  for (uint64_t budget = ring.control()->ring_bytes; budget > 0;) {
    const auto view = ring.BeginRead();
    if (view.bytes == nullptr) return;
    record_.resize(view.size / 8);
    std::memcpy(record_.data(), view.bytes, view.size);
    const std::span<const uint8_t> bytes{reinterpret_cast<const uint8_t*>(record_.data()), view.size};
    const auto event = wire::DecodeRecord(bytes);
    held_up_ = event && !may_wait && MustWait(*event);
    if (held_up_) return;
    ring.EndRead(view);
    if (capture_ != nullptr) capture_->Append(pid_, image_, bytes);
    cpu_at_record_ns_ = cpu_clock_ns_;
    if (event) {
      Handle(*event, folder, cpus_usable);
    } else {
      ++losses_.bad_record;
    }
    budget -= std::min<uint64_t>(budget, view.size);
  }
}

void TargetProcess::Handle(const wire::Event& event, SampleFolder& folder, double cpus_usable) {
  if (const auto* start = std::get_if<wire::ProcessStartRecord>(&event)) return HandleStart(*start);
  if (const auto* text = std::get_if<wire::ProcessTextEvent>(&event)) return HandleText(*text);
  if (const auto* notice = std::get_if<wire::NoticeRecord>(&event)) {
    if (notices_.size() < 100) notices_.push_back(*notice);
    return;
  }
  if (!start_) return;  // nothing else comes before it
  if (const auto* allocation = std::get_if<wire::AllocationEvent>(&event)) {
    ProcessContext context = ContextOf(ThreadOf(allocation->record.tid));
    memory_folder_.NoteStart(memory_, ring_->control().memory);
    memory_folder_.Fold(memory_, context, *allocation);
  } else if (const auto* free = std::get_if<wire::FreeRecord>(&event)) {
    memory_folder_.Fold(memory_, *free);
  } else if (const auto* window = std::get_if<wire::MemoryWindowRecord>(&event)) {
    memory_folder_.Fold(memory_, *window);
  } else if (const auto* copy = std::get_if<wire::CopyEvent>(&event)) {
    ProcessContext context = ContextOf(ThreadOf(copy->record.tid));
    memory_folder_.Fold(context, *copy);
  } else if (const auto* thread = std::get_if<wire::ThreadStartRecord>(&event)) {
    HandleThreadStart(*thread);
  } else if (const auto* end = std::get_if<wire::ThreadEndRecord>(&event)) {
    ThreadTimes& ended = ThreadOf(end->tid);
    ended.end_ns = end->time_ns;
    ended.last_cpu_ns = std::max(ended.last_cpu_ns, end->cpu_ns);
  } else if (const auto* code = std::get_if<wire::CodeEvent>(&event)) {
    codes_->Describe(*code);
  } else if (const auto* sample = std::get_if<wire::SampleEvent>(&event)) {
    HandleSample(*sample, folder, cpus_usable);
  } else if (const auto* mark = std::get_if<wire::MarkedFunctionRecord>(&event)) {
    if (const CodeObject* marked = codes_->Find(mark->code, mark->fingerprint)) folder.Mark(*marked, environment_);
  } else if (const auto* change = std::get_if<wire::SwitchRecord>(&event)) {
    HandleSwitch(*change);
  } else if (const auto* finished = std::get_if<wire::RecordingEndRecord>(&event)) {
    end_cpu_ns_ = finished->process_cpu_ns;
    end_ns_ = finished->time_ns;
  }
}

void TargetProcess::HandleStart(const wire::ProcessStartRecord& record) {
  if (start_) return;
  start_ = record;
  if (role_ == ProcessRole::kRoot) memory_folder_.Begin(static_cast<double>(record.time_ns) * 1e-9);
  codes_ = std::make_unique<CodeObjects>(pid_, record.minor);
  call_sites_ = std::make_unique<CallSites>(record.minor);
  if (record.origin == wire::ProcessOrigin::kFork) {
    const TargetProcess* parent = lookup_(record.ppid);
    if (parent == nullptr) return;
    environment_ = parent->environment_;
    if (argv_.empty()) argv_ = parent->argv_;
  }
  // A fork child is recorded from birth, see birth_sec_.
  const bool forked = record.origin == wire::ProcessOrigin::kFork;
  recorded_time_.Begin({record.time_ns, forked ? 0 : record.process_cpu_ns});
  environment_.minor = record.minor;
  environment_.free_threaded = record.free_threaded != 0;
}

void TargetProcess::HandleSwitch(const wire::SwitchRecord& record) {
  if (record.from_birth != 0 && record.on == 0) {
    recorded_time_.BeginOff();
  } else {
    recorded_time_.Switch(record.on != 0, {record.time_ns, record.process_cpu_ns});
  }
}

void TargetProcess::HandleText(const wire::ProcessTextEvent& event) {
  const std::string text(event.text);
  switch (event.key) {
    case wire::TextKey::kVersion:
      environment_.version = text.substr(0, text.find(' '));
      break;
    case wire::TextKey::kExecutable:
      environment_.executable = text;
      break;
    case wire::TextKey::kPrefix:
      environment_.prefix = text;
      break;
    case wire::TextKey::kBasePrefix:
      environment_.base_prefix = text;
      break;
    case wire::TextKey::kSysPathEntry:
      environment_.sys_path.push_back(text);
      break;
  }
}

ThreadTimes& TargetProcess::ThreadOf(int32_t tid) {
  if (threads_.size() >= kMostThreads && !threads_.contains(tid)) ForgetDeadThreads();
  ThreadTimes& thread = threads_[tid];
  thread.tid = tid;
  return thread;
}

// Runs of days start any number of threads: the busiest of the dead keep their rows, the others leave their sums only.
void TargetProcess::ForgetDeadThreads() {
  constexpr size_t kDeadKept = kMostThreads / 10;
  const auto cpu_of = [](const ThreadTimes& thread) {
    return thread.last_cpu_ns - std::min(thread.last_cpu_ns, thread.first_cpu_ns);
  };
  std::vector<uint64_t> times;
  for (const auto& [tid, thread] : threads_) {
    if (thread.end_ns != 0) times.push_back(cpu_of(thread));
  }
  if (times.size() <= kDeadKept) return;
  std::nth_element(times.begin(), times.begin() + kDeadKept, times.end(), std::greater<>());
  const uint64_t least_kept = times[kDeadKept];
  std::erase_if(threads_, [&](const auto& entry) {
    const ThreadTimes& thread = entry.second;
    if (thread.end_ns == 0 || cpu_of(thread) > least_kept) return false;
    forgotten_threads_ns_ += cpu_of(thread);
    return true;
  });
}

void TargetProcess::HandleThreadStart(const wire::ThreadStartRecord& record) {
  ThreadTimes& thread = ThreadOf(record.tid);  // a tid used again goes on in its predecessor's row
  thread.ident = record.ident;
  thread.is_main = record.is_main != 0;
  thread.end_ns = 0;
  if (thread.start_ns == 0) thread.start_ns = record.time_ns;
  thread.first_cpu_ns = thread.last_cpu_ns = record.cpu_ns;
}

// What the sample tells of call instructions: the one that its leaf stands on, and those with a callee on top.
void TargetProcess::NoteCallSites(const wire::SampleEvent& event, CodeRegion region) {
  const wire::SampleRecord& record = event.record;
  const size_t callers = std::min<size_t>(event.frames.size(), 16);  // the sites that matter are near the leaf
  for (size_t i = 1; i < callers; ++i) {
    const wire::FrameEntry& caller = event.frames[i];
    call_sites_->NoteCaller(caller.code, caller.fingerprint, caller.offset);
  }
  if (event.frames.empty() || !cpython::IsCall(LeafOpcodeClass(start_->minor, record.opcode, record.opcode_next)))
    return;
  const wire::FrameEntry& leaf = event.frames[0];
  call_sites_->NoteLeaf(leaf.code, leaf.fingerprint, leaf.offset, record.opcode, region);
}

profile::CpuKind TargetProcess::KindOf(const wire::SampleEvent& event, CodeRegion region) const {
  const wire::SampleRecord& record = event.record;
  CpuEvidence evidence;
  evidence.region = region;
  evidence.opcode = LeafOpcodeClass(start_->minor, record.opcode, record.opcode_next);
  evidence.in_syscall = record.flags & wire::kSampleInSyscall;
  // The collector runs in one thread; without a GIL the others stand still meanwhile.
  const bool could_collect = (record.flags & wire::kSampleHoldsGil) || environment_.free_threaded;
  evidence.collecting = (record.flags & wire::kSampleCollecting) && could_collect;
  evidence.jit = record.flags & wire::kSampleJit;
  evidence.torn = record.flags & wire::kSampleTorn;
  evidence.has_python_frames = !event.frames.empty();
  if (!event.frames.empty() && cpython::IsCall(evidence.opcode)) {
    const wire::FrameEntry& leaf = event.frames[0];
    evidence.site_leads_to_python = call_sites_->LeadsToPython(leaf.code, leaf.fingerprint, leaf.offset, record.opcode);
  }
  return Classify(evidence);
}

ProcessContext TargetProcess::ContextOf(ThreadTimes& thread) {
  return {*codes_, environment_, counts_, waits_, driver_, thread.last_line};
}

void TargetProcess::HandleSample(const wire::SampleEvent& event, SampleFolder& folder, double cpus_usable) {
  const wire::SampleRecord& record = event.record;
  lost_ns_ += record.lost_ns;
  const bool is_birth = samples_ == 0 && start_->origin == wire::ProcessOrigin::kFork && !recorded_time_.was_off();
  if (is_birth) birth_sec_ = (record.weight_ns - static_cast<double>(start_->process_cpu_ns)) * 1e-9;
  sampled_sec_ += record.weight_ns * 1e-9;
  ++samples_;
  const CodeRegion region = code_->Locate(record.pc).region;
  NoteCallSites(event, region);
  const double utilization = std::clamp(utilization_ / cpus_usable, 0.0, 1.0);
  waiting_.push_back({record, {event.frames.begin(), event.frames.end()}, region, utilization});
  if (waiting_.size() > kMostWaiting) FoldOldest(folder);
}

void TargetProcess::FoldWaiting(SampleFolder& folder) {
  while (!waiting_.empty()) FoldOldest(folder);
}

void TargetProcess::FoldOldest(SampleFolder& folder) {
  const WaitingSample waiting = std::move(waiting_.front());
  waiting_.pop_front();
  const wire::SampleRecord& record = waiting.record;
  const wire::SampleEvent event{record, waiting.frames};
  profile::FoldedSample sample;
  sample.sec = record.weight_ns * 1e-9;
  sample.kind = KindOf(event, waiting.region);
  sample.time_sec = static_cast<double>(record.time_ns) * 1e-9;
  sample.utilization = waiting.utilization;
  ThreadTimes& thread = ThreadOf(record.tid);
  thread.sec.Add(sample.kind, sample.sec);
  thread.last_seen_ns = std::max(thread.last_seen_ns, record.time_ns);
  thread.last_cpu_ns = std::max(thread.last_cpu_ns, record.cpu_ns);
  ++thread.samples;
  thread.has_python |= !event.frames.empty();
  ProcessContext context = ContextOf(thread);
  if (!folder.Fold(context, event, sample, ThreadIdOf(thread))) lost_ns_ += record.weight_ns;
  const bool on_line = thread.last_line.time_sec == sample.time_sec;
  recent_holds_.emplace_back(record.tid, Hold{on_line ? thread.last_line.line : profile::LineKey{},
                                              IsNative(sample.kind), HasGil(record), sample.time_sec});
  if (recent_holds_.size() > kMostWaiting) recent_holds_.pop_front();
}

std::optional<TargetProcess::Hold> TargetProcess::NearestHold(pid_t tid, double time_sec, bool with_gil,
                                                              SampleFolder& folder) {
  std::optional<Hold> nearest;
  const WaitingSample* waiting = nullptr;
  const auto is_nearer = [&](double sample_sec) {
    return !nearest || std::abs(sample_sec - time_sec) < std::abs(nearest->time_sec - time_sec);
  };
  for (const auto& [holder, hold] : recent_holds_) {
    if (holder == tid && (hold.with_gil || !with_gil) && is_nearer(hold.time_sec)) nearest = hold;
  }
  for (const WaitingSample& sample : waiting_) {
    const double sample_sec = static_cast<double>(sample.record.time_ns) * 1e-9;
    const bool holds = sample.record.tid == tid && (HasGil(sample.record) || !with_gil);
    if (!holds || !is_nearer(sample_sec)) continue;
    waiting = &sample;
    nearest = Hold{{}, false, HasGil(sample.record), sample_sec};
  }
  if (waiting == nullptr) return nearest;
  ProcessContext context = ContextOf(ThreadOf(tid));
  if (const SampleFolder::Standing place = folder.Find(context, waiting->frames); place.profiled)
    nearest->line = place.line.line;
  nearest->native = IsNative(KindOf({waiting->record, waiting->frames}, waiting->region));
  return nearest;
}

ProcessContext::RecentLine TargetProcess::NewestLine(pid_t tid, SampleFolder& folder) {
  ThreadTimes& thread = ThreadOf(tid);
  const auto newest = std::find_if(waiting_.rbegin(), waiting_.rend(), [tid](const WaitingSample& sample) {
    return sample.record.tid == tid && !sample.frames.empty();
  });
  if (newest == waiting_.rend()) return thread.last_line.time_sec > 0 ? thread.last_line : ProcessContext::RecentLine{};
  ProcessContext context = ContextOf(thread);
  SampleFolder::Standing place = folder.Find(context, newest->frames);
  place.line.time_sec = place.profiled ? static_cast<double>(newest->record.time_ns) * 1e-9 : 0;
  return place.line;
}

uint64_t TargetProcess::ThreadIdOf(const ThreadTimes& thread) const {
  const bool by_ident = is_root() && thread.has_python && thread.ident != 0;
  return by_ident ? thread.ident : static_cast<uint64_t>(thread.tid);
}

bool TargetProcess::Switch(bool on) {
  if (ended_ || !wire::SwitchRecording(ring_->control(), on)) return false;
  ReadClock();
  recorded_time_.Switch(on, {MonotonicNs(), cpu_clock_ns_});
  return true;
}

double TargetProcess::SuspendedSec(double now_sec) const {
  return static_cast<double>(recorded_time_.SuspendedNs(static_cast<uint64_t>(now_sec * 1e9))) * 1e-9;
}

double TargetProcess::CpuSec() const {
  if (!start_) return 0;
  const uint64_t now = end_cpu_ns_.value_or(cpu_clock_ns_);
  const double by_process = static_cast<double>(recorded_time_.RecordedCpuNs(now)) * 1e-9;
  if (recorded_time_.was_off()) return by_process;
  uint64_t by_threads_ns =
      forgotten_threads_ns_;  // a process that was reaped at once has left its last samples, but no clock to read
  for (const auto& [tid, thread] : threads_)
    by_threads_ns += thread.last_cpu_ns - std::min(thread.last_cpu_ns, thread.first_cpu_ns);
  return std::max(by_process, static_cast<double>(by_threads_ns) * 1e-9);
}

double TargetProcess::LostSec() const {
  const double each = samples_ > 0 ? sampled_sec_ / static_cast<double>(samples_) : 0;
  return std::min(CpuSec(), static_cast<double>(lost_ns_) * 1e-9 + static_cast<double>(losses_.ring_full) * each);
}

void TargetProcess::SettleInto(profile::FoldedCounts& run, SampleFolder& folder) {
  FoldWaiting(folder);
  if (counts_.cpu_sec() <= 0) return;  // CPU time so far is spread over the samples to come
  const double lost_sec = static_cast<double>(lost_ns_) * 1e-9;
  const double cpu_sec = SharedCpuSec() - settled_cpu_sec_ - (lost_sec - settled_lost_sec_);
  run.Merge(counts_, std::max(0.0, cpu_sec) / counts_.cpu_sec());
  counts_ = {};
  settled_cpu_sec_ = SharedCpuSec();
  settled_lost_sec_ = lost_sec;
}

profile::ProcessRow TargetProcess::Row(double recording_start_sec) const {
  profile::ProcessRow row;
  row.pid = pid_;
  row.argv = argv_;
  row.profiled = is_python();
  row.how = role_ == ProcessRole::kRoot                              ? "root"
            : start_ && start_->origin == wire::ProcessOrigin::kFork ? "fork"
                                                                     : "exec";
  if (!start_) return row;
  row.ppid = start_->ppid;
  row.python = environment_.version;
  row.start_sec = std::max(0.0, static_cast<double>(start_->time_ns) * 1e-9 - recording_start_sec);
  row.end_sec = end_ns_ > 0 ? std::max(row.start_sec, end_sec() - recording_start_sec) : 0;
  row.cpu_sec = CpuSec();
  row.idle_sec = idle_sec_;
  row.samples = samples_;
  row.max_footprint_mb = memory_folder_.HighestOf(memory_) / (1 << 20);
  row.max_rss_mb = memory_folder_.HighestRssOf(memory_) / (1 << 20);
  row.lost = losses_.ring_full + losses_.no_buffer;
  return row;
}

void TargetProcess::AppendThreads(double recording_start_sec, std::vector<profile::ThreadRow>& rows) const {
  const auto since = [recording_start_sec](uint64_t ns) {
    return ns == 0 ? 0.0 : std::max(0.0, static_cast<double>(ns) * 1e-9 - recording_start_sec);
  };
  for (const auto& [tid, thread] : threads_) {
    profile::ThreadRow row;
    row.pid = pid_;
    row.tid = tid;
    row.name = thread.name.empty() && thread.is_main ? "MainThread" : thread.name;
    row.main = thread.is_main;
    row.native = thread.samples > 0 && !thread.has_python && !thread.is_main;
    row.thread_id = row.native ? 0 : thread.ident;
    row.start_sec = since(thread.start_ns);
    row.end_sec = since(std::max(thread.end_ns, thread.last_seen_ns));
    row.python_sec = thread.sec.python;
    row.native_sec = thread.sec.native;
    row.kernel_sec = thread.sec.kernel;
    row.alloc_mb = memory_folder_.BytesOf(memory_, tid) / (1 << 20);
    row.waits = profile::NamedWaits(thread.waits);
    rows.push_back(row);
  }
}

void TargetProcess::AddLosses(profile::Losses& losses) const {
  const auto add = [&losses](const char* stage, const char* counter, int64_t count) {
    if (count != 0) losses[stage][counter] += count;
  };
  add("capture", "in_hook", losses_.no_buffer);
  add("capture", "cut_stacks", losses_.cut_stacks);
  add("capture", "unsampled_blocks", memory_folder_.UnsampledOf(memory_));
  add("fold", "interval_doubled", memory_folder_.ThinningsOf(memory_));
  add("capture", "no_frames", losses_.torn_stacks);
  add("capture", "signal_blocked_ms", static_cast<int64_t>(lost_ns_ / 1'000'000));
  add("transport", "ring_full", losses_.ring_full);
  add("transport", "record_too_big", losses_.record_too_big);
  add("decode", "bad_record", losses_.bad_record);
  add("decode", "bytes_skipped", losses_.bytes_skipped);
}

}  // namespace scalene::collector
