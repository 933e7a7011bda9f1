#include "agent/signal_handler.h"

#include <errno.h>
#include <signal.h>
#include <ucontext.h>

#include "agent/connection.h"
#include "agent/cpu_timer.h"
#include "agent/footprint.h"
#include "agent/libc.h"
#include "agent/python_frames.h"
#include "agent/record_writer.h"
#include "agent/signal_hooks.h"
#include "agent/syscalls.h"
#include "agent/thread_memory.h"

namespace scalene::agent {
namespace {

// The kernel looks at CPU timers at ticks that hit the running thread. On a loaded machine a thread that is preempted often
// can miss that many without any signal being blocked (seen: 13 ms of CPU time at a 4 ms tick, in 2 % of expiries).
constexpr uint64_t kLateTicks = 25;
constexpr uint64_t kCollectorGoneAfterNs =
    10'000'000'000;  // a stopped collector may be continued; 10 s of silence is death

uint64_t ProgramCounter(const ucontext_t& context) {
#if defined(__x86_64__)
  return static_cast<uint64_t>(context.uc_mcontext.gregs[REG_RIP]);
#else
  return context.uc_mcontext.pc;
#endif
}

// Whether the thread was inside the kernel: it comes back behind the system call instruction, or onto it when the call
// is to be restarted.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
bool InSystemCall(uint64_t pc) {
  constexpr uint64_t kPageMask = 4095;
#if defined(__x86_64__)
  uint8_t code[4];
  if ((pc & kPageMask) >= 2 && (pc & kPageMask) <= kPageMask - 1) {
    __builtin_memcpy(code, reinterpret_cast<const void*>(pc - 2), sizeof code);
  } else if (!GuardedRead(pc - 2, code, sizeof code)) {
    return false;
  }
  return (code[0] == 0x0f && code[1] == 0x05) || (code[2] == 0x0f && code[3] == 0x05);
#else
  uint32_t code[2];
  if ((pc & kPageMask) >= 4) {
    __builtin_memcpy(code, reinterpret_cast<const void*>(pc - 4), sizeof code);
  } else if (!GuardedRead(pc - 4, code, sizeof code)) {
    return false;
  }
  constexpr uint32_t kSvc0 = 0xd4000001;
  return code[0] == kSvc0 || code[1] == kSvc0;
#endif
}

}  // namespace

int ClaimBuffer() {
  auto& in_use = g_agent.state->buffers_in_use;
  uint32_t mask = in_use.load(std::memory_order_relaxed);
  for (;;) {
    const uint32_t free = ~mask & ((1u << kSampleBuffers) - 1);
    if (free == 0) return -1;
    const int index = __builtin_ctz(free);
    if (in_use.compare_exchange_weak(mask, mask | 1u << index, std::memory_order_acquire)) return index;
  }
}
void ReleaseBuffer(int index) { g_agent.state->buffers_in_use.fetch_and(~(1u << index), std::memory_order_release); }

namespace {

struct Weight {
  uint32_t weight_ns, lost_ns;
};

uint32_t Clamp32(uint64_t value) { return value > 0xffffffffu ? 0xffffffffu : static_cast<uint32_t>(value); }

// CPU time this sample stands for. Much more than the timer was armed for means that ticks were lost (the signal was
// blocked): one line must not get all of that. A thread's first sample since recording was switched on weighs the mean
// interval, which is unbiased for times shorter than it.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
Weight Weigh(const ThreadSlot& slot, uint64_t cpu_ns) {
  if (!slot.sampled) return {Clamp32(g_agent.mean_gap_ns), 0};
  const uint64_t since = cpu_ns - slot.last_cpu_ns;
  const uint64_t most = slot.armed_ns + kLateTicks * g_agent.tick_ns + 3 * g_agent.mean_gap_ns;
  return since <= most ? Weight{Clamp32(since), 0} : Weight{Clamp32(most), Clamp32(since - most)};
}

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
void WriteSample(const ThreadSlot& slot, const CapturedFrames& captured, const SampleBuffer& buffer, uint64_t pc,
                 uint64_t cpu_ns) {
  const uint32_t frame_bytes = captured.count * sizeof(wire::FrameEntry);
  auto* record = BeginRecord<wire::SampleRecord>(wire::RecordType::kSample, frame_bytes);
  if (record == nullptr) return;
  const Weight weight = Weigh(slot, cpu_ns);
  record->time_ns = WallClock(CLOCK_MONOTONIC);
  record->cpu_ns = cpu_ns;
  record->weight_ns = weight.weight_ns;
  record->lost_ns = weight.lost_ns;
  record->pc = pc;
  record->tid = slot.tid.load(std::memory_order_relaxed);
  record->flags = captured.flags;
  if (InSystemCall(pc)) record->flags |= wire::kSampleInSyscall;
  if (!slot.sampled) record->flags |= wire::kSampleFirst;
  record->opcode = captured.opcode;
  record->opcode_next = captured.opcode_next;
  record->frame_count = captured.count;
  record->cut_frames = captured.cut;
  __builtin_memcpy(record + 1, buffer.frames, frame_bytes);
  EndRecord(record);
}

void Count(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
void TakeSample(ThreadSlot* slot, uint64_t pc) {
  wire::Control& control = *g_agent.state->ring.control();
  const uint64_t cpu_ns = ThreadCpu();
  const int index = ClaimBuffer();
  if (index < 0) {
    Count(control.no_buffer);
    return;
  }
  SampleBuffer* buffer = &g_agent.state->buffers[index];
  const CapturedFrames captured = CapturePythonFrames(buffer);
  WriteSample(*slot, captured, *buffer, pc, cpu_ns);
  ReleaseBuffer(index);
  if (captured.cut != 0) Count(control.cut_stacks);
  if (captured.flags & wire::kSampleTorn) Count(control.torn_stacks);
  slot->last_cpu_ns = cpu_ns;
  slot->sampled = 1;
}

// The collector writes a heartbeat while it lives. Without one for long, samples would go nowhere.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
bool CollectorLives() {
  ProcessState& state = *g_agent.state;
  const uint64_t beat = state.ring.control()->heartbeat.load(std::memory_order_relaxed);
  const uint64_t now = WallClock(CLOCK_MONOTONIC);
  if (state.last_heartbeat.exchange(beat, std::memory_order_relaxed) != beat || state.heartbeat_seen_ns.load() == 0) {
    state.heartbeat_seen_ns.store(now, std::memory_order_relaxed);
    return true;
  }
  return now - state.heartbeat_seen_ns.load(std::memory_order_relaxed) < kCollectorGoneAfterNs ||
         !state.ring.nearly_full();
}

bool Finalizing() {
  const Interpreter& interpreter = g_agent.interpreter;
  uint64_t word;
  __builtin_memcpy(&word, reinterpret_cast<const void*>(interpreter.runtime + interpreter.layout.runtime.finalizing),
                   8);
  return word != 0;
}

}  // namespace

bool EndIfFinalizing() {
  if (!Finalizing()) return false;
  if (g_agent.state->stopped.exchange(1, std::memory_order_relaxed) == 0) {
    if (g_counts_memory) PublishAllocated(t_memory);
    WriteRecordingEnd(wire::EndReason::kFinalizing);
  }
  return true;
}

Connection EnsureConnected() {
  // acquire: pairs with the release in OpenRing.
  if (g_agent.state->phase.load(std::memory_order_acquire) == RingPhase::kOpen) return Connection::kMade;
  const Connection connection = g_agent.forked ? Connect() : Connection::kFailed;
  if (connection != Connection::kMade) return connection;
  WriteProcessStart(wire::ProcessOrigin::kFork);
  if (g_agent.on_at_fork == 0) WriteSwitch(false, true);
  AnnounceThreads();
  OpenRing();
  return Connection::kMade;
}

namespace {

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: the sampled thread.
void HandleTick(ThreadSlot* slot, const ucontext_t& context) {
  ProcessState& state = *g_agent.state;
  if (state.stopped.load(std::memory_order_relaxed) != 0) return;
  switch (EnsureConnected()) {
    case Connection::kMade:
      break;
    case Connection::kFailed:
      state.stopped.store(1, std::memory_order_relaxed);
      return;
    case Connection::kBySomebodyElse:
      ArmNext(slot);
      return;  // this CPU time goes to the next sample
  }
  wire::Control& control = *state.ring.control();
  if (EndIfFinalizing()) return;
  if (!CollectorLives()) {
    state.stopped.store(1, std::memory_order_relaxed);
    return;
  }
  Count(control.handlers);
  const uint32_t switches = control.switches.load(std::memory_order_relaxed);
  if (slot->switches != switches) slot->sampled = 0;  // what ran before recording began again is in no sample's weight
  slot->switches = switches;
  if (wire::IsOn(switches)) TakeSample(slot, ProgramCounter(context));
  ArmNext(slot);
}

// Installed for our number only. A signal of that number that no timer of ours sent is treated as the program wishes.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread, all signals blocked.
void OnSignal(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  if (ThreadSlot* slot = SlotOfTimer(*info)) {
    HandleTick(slot, *static_cast<ucontext_t*>(context));
  } else if (!IsOurTick(*info)) {
    DeliverToProgram(signal, info, context);
  }
  errno = saved_errno;
}

// The highest real-time signal that nobody uses, below `below`; 0: none.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
int FindFreeSignal(int below) {
  for (int signal = below - 1; signal >= SIGRTMIN; --signal) {
    struct sigaction current {};
    if (Libc().sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_DFL &&
        (current.sa_flags & SA_SIGINFO) == 0)
      return signal;
  }
  return 0;
}

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
bool Occupy(int signal) {
  struct sigaction action {};
  action.sa_sigaction = OnSignal;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  return signal != 0 && Libc().sigaction(signal, &action, nullptr) == 0;
}

}  // namespace

bool InstallHandler() {
  const int signal = FindFreeSignal(SIGRTMAX + 1);
  if (!Occupy(signal)) return false;
  g_agent.signal = signal;
  return true;
}

namespace {

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void MoveTo(int next) {
  MoveTimersTo(next);
  g_agent.signal = next;
  WriteNotice(wire::Notice::kSignalTaken, next);
}

}  // namespace

bool LeaveSignalFor(const sigset_t& set) {
  int next = FindFreeSignal(g_agent.signal);
  while (next != 0 && sigismember(&set, next) == 1) next = FindFreeSignal(next);
  if (next == 0 || !Occupy(next)) return false;
  MoveTo(next);
  return true;
}

void LeaveSignal() {
  const int next = FindFreeSignal(g_agent.signal);
  if (!Occupy(next)) {
    StopForGood(wire::Notice::kSignalTaken, 0);
    DeleteAllTimers();  // their number is the program's now
    g_agent.signal = 0;
    return;
  }
  MoveTo(next);
}

}  // namespace scalene::agent
