#include "agent/cpu_timer.h"

#include <pthread.h>

#include "agent/random.h"
#include "agent/record_writer.h"
#include "agent/syscalls.h"

namespace scalene::agent {
namespace {

// Marks a signal value as ours; the slot's index stands in the low half.
constexpr uint64_t kTimerTag = 0x5ca1e4e5ull << 32;

// The kernel's own layout of sigevent: glibc hides the thread id behind a macro of its internals.
struct KernelSigevent {
  sigval value;
  int signal;
  int notify;
  int32_t tid;
  uint8_t padding[64 - 20];
};
static_assert(sizeof(KernelSigevent) == 64);
constexpr int kNotifyThreadId = 4;  // SIGEV_THREAD_ID

// The CPU clock of a thread of this process (MAKE_THREAD_CPUCLOCK of the kernel).
constexpr long ThreadClockOf(int32_t tid) { return static_cast<int32_t>((~static_cast<uint32_t>(tid)) << 3 | 6); }

uint64_t IndexOf(const ThreadSlot* slot) { return static_cast<uint64_t>(slot - g_agent.state->threads); }

// 0 or -errno.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
long MakeTimer(ThreadSlot* slot, int32_t tid, int signal) {
  KernelSigevent event{};
  event.value.sival_ptr = reinterpret_cast<void*>(kTimerTag | IndexOf(slot));
  event.signal = signal;
  event.notify = kNotifyThreadId;
  event.tid = tid;
  int32_t timer = 0;
  const long failed = RawSyscall(SYS_timer_create, ThreadClockOf(tid), AsWord(&event), AsWord(&timer));
  slot->has_timer = failed == 0;
  slot->timer = timer;
  return failed;
}

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void SetTimer(const ThreadSlot* slot, uint64_t after_ns) {
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(after_ns / 1'000'000'000u);
  when.it_value.tv_nsec = static_cast<long>(after_ns % 1'000'000'000u);
  RawSyscall(SYS_timer_settime, slot->timer, 0, AsWord(&when));
}

// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void DeleteTimer(ThreadSlot* slot) {
  if (!slot->has_timer) return;
  slot->has_timer = 0;
  RawSyscall(SYS_timer_delete, slot->timer);
}

uint64_t ThisIdent() { return static_cast<uint64_t>(pthread_self()); }

bool TryClaim(ThreadSlot* slot) {
  int32_t free = 0;
  return slot->tid.compare_exchange_strong(free, -1, std::memory_order_acq_rel);
}

template <typename Visit>
void ForEachThread(Visit visit) {
  ProcessState& state = *g_agent.state;
  const uint32_t in_use = state.slots_in_use.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < in_use && i < kMaxThreads; ++i) {
    const int32_t tid = state.threads[i].tid.load(std::memory_order_acquire);
    if (tid > 0) visit(state.threads[i], tid);
  }
}

}  // namespace

ThreadSlot* ClaimSlot() {
  ProcessState& state = *g_agent.state;
  const uint32_t in_use = state.slots_in_use.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < in_use; ++i) {
    if (TryClaim(&state.threads[i])) return &state.threads[i];
  }
  for (uint32_t i = state.slots_in_use.fetch_add(1, std::memory_order_relaxed); i < kMaxThreads;
       i = state.slots_in_use.fetch_add(1, std::memory_order_relaxed)) {
    if (TryClaim(&state.threads[i])) return &state.threads[i];
  }
  state.slots_in_use.store(kMaxThreads, std::memory_order_relaxed);
  WriteNotice(wire::Notice::kThreadTableFull, static_cast<int32_t>(kMaxThreads));
  return nullptr;
}

void StartSampling(ThreadSlot* slot, bool is_main, uint64_t already_used_cpu_ns) {
  const int32_t tid = CurrentTid();
  slot->last_cpu_ns = already_used_cpu_ns;
  slot->random = SeedFrom(static_cast<uint64_t>(tid) ^ WallClock(CLOCK_MONOTONIC));
  slot->sampled = 0;
  slot->switches = 0;
  slot->tid.store(tid, std::memory_order_release);
  WriteThreadStart(tid, is_main, ThisIdent(), already_used_cpu_ns);
  const long failed = MakeTimer(slot, tid, g_agent.signal);
  if (failed != 0) {
    WriteNotice(wire::Notice::kNoTimer, static_cast<int32_t>(-failed));
    return;
  }
  ArmNext(slot);
}

void StopSampling(ThreadSlot* slot) {
  DeleteTimer(slot);
  WriteThreadEnd(slot->tid.load(std::memory_order_relaxed), ThreadCpu());
  slot->tid.store(0, std::memory_order_release);
}

void AnnounceThreads() {
  ForEachThread([](const ThreadSlot& slot, int32_t tid) {
    WriteThreadStart(tid, tid == CurrentPid(), tid == CurrentTid() ? ThisIdent() : 0, slot.last_cpu_ns);
  });
}

void ArmNext(ThreadSlot* slot) {
  slot->armed_ns = g_agent.lottery.Draw(&slot->random);
  SetTimer(slot, slot->armed_ns);
}

bool IsOurTick(const siginfo_t& info) {
  return info.si_code == SI_TIMER && (reinterpret_cast<uint64_t>(info.si_value.sival_ptr) ^ kTimerTag) >> 32 == 0;
}

ThreadSlot* SlotOfTimer(const siginfo_t& info) {
  if (!IsOurTick(info) || g_agent.state == nullptr) return nullptr;
  const uint64_t index = reinterpret_cast<uint64_t>(info.si_value.sival_ptr) & 0xffffffffu;
  if (index >= kMaxThreads) return nullptr;
  ThreadSlot* slot = &g_agent.state->threads[index];
  // A tick sent before the slot changed hands is nobody's.
  return slot->tid.load(std::memory_order_acquire) == CurrentTid() ? slot : nullptr;
}

void DeleteAllTimers() {
  ForEachThread([](ThreadSlot& slot, int32_t) { DeleteTimer(&slot); });
}

void MoveTimersTo(int signal) {
  ForEachThread([signal](ThreadSlot& slot, int32_t tid) {
    if (!slot.has_timer) return;
    DeleteTimer(&slot);
    if (MakeTimer(&slot, tid, signal) == 0) SetTimer(&slot, slot.armed_ns);
  });
}

}  // namespace scalene::agent
