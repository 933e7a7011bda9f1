// The agent's life in an image: constructor, program start (program_start.cc), ticks (signal_handler.cc), destructor.
// Every failure leaves the program as it is; see README.md for the rules in this folder.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/allocation_sampler.h"
#include "agent/connection.h"
#include "agent/copy_hooks.h"
#include "agent/footprint.h"
#include "agent/fork.h"
#include "agent/next_allocator.h"
#include "agent/process_state.h"
#include "agent/program_start.h"
#include "agent/python_allocators.h"
#include "agent/python_runtime.h"
#include "agent/record_writer.h"
#include "agent/signal_handler.h"
#include "agent/syscalls.h"
#include "agent/thread_hooks.h"
#include "agent/thread_memory.h"

namespace scalene::agent {
namespace {

// AddressSanitizer knows every block and checks every access; it is no allocator to stand in front of.
bool HasSanitizer() { return dlsym(RTLD_DEFAULT, "__asan_init") != nullptr; }

// Only the root itself has its sanitizer's runtime loaded first; its children, of whatever kind, shall find nothing of it.
bool IsBehindSanitizer() { return (g_agent.collector.flags & wire::kBehindSanitizer) != 0; }

// Takes us out of the environment, so that children run as if we were not there. We stand first in LD_PRELOAD, or behind the
// sanitizer that was put before us, or last behind one of the user's.
// Signal-safe: no.  Allocates: in setenv.  Locks: libc's.  Runs on: the loading thread, before main.
void HideFromChildren() {
  unsetenv(wire::kCollectorVariable);
  char* preload = getenv("LD_PRELOAD");
  char* last = preload == nullptr || !HasSanitizer() || IsBehindSanitizer() ? nullptr : strrchr(preload, ':');
  if (last != nullptr) {
    *last = '\0';
    return;
  }
  const char* rest = preload == nullptr ? nullptr : strchr(preload, ':');
  if (rest != nullptr && IsBehindSanitizer()) rest = strchr(rest + 1, ':');
  if (rest != nullptr && rest[1] != '\0') {
    setenv("LD_PRELOAD", rest + 1, 1);
  } else {
    unsetenv("LD_PRELOAD");
  }
}

bool ReadAddress() {
  const char* text = getenv(wire::kCollectorVariable);
  return text != nullptr && wire::ParseCollectorAddress(text, &g_agent.collector);
}

uint64_t KernelTick() {
  timespec resolution{};
  return clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) == 0 ? Nanoseconds(resolution) : 4'000'000;
}

// Counting begins here: what is freed later must have been counted.
// Signal-safe: no.  Allocates: by mmap.  Locks: the loader's.  Runs on: the loading thread.
void PrepareMemory() {
  if (g_agent.collector.window == 0) return;
  if (HasSanitizer()) return WriteNotice(wire::Notice::kSanitizer, 0);
  if (!PrepareAllocationSampler(g_agent.collector.window)) return;
  ExamineNextAllocator();
  WatchArenas();
  g_counts_memory = true;
}

// Signal-safe: no.  Allocates: in libc.  Locks: libc's.  Runs on: the loading thread.
void Prepare() {
  const uint64_t interval_ns = g_agent.collector.interval_ns;
  g_agent.tick_ns = KernelTick();
  g_agent.mean_gap_ns = interval_ns > g_agent.tick_ns ? interval_ns : g_agent.tick_ns;
  g_agent.lottery = TickLottery(interval_ns, g_agent.tick_ns);
  if (!InstallHandler() || !PrepareThreadHooks() || !PrepareForkHooks()) {
    StopForGood(wire::Notice::kNoTimer, 0);
    return;
  }
  PrepareMemory();
  if (!AwaitProgramStart()) StopForGood(wire::Notice::kLayoutMismatch, 3);
}

// Signal-safe: no.  Allocates: in libc.  Locks: libc's and the loader's.  Runs on: the loading thread.
__attribute__((constructor)) void OnLoad() {
  FindCopyFunctions();
  if (!ReadAddress()) return;
  const Found found = FindInterpreter();
  if (found == Found::kNoPython) return;
  if (!MakeProcessState() || Connect() != Connection::kMade) {
    g_agent.state = nullptr;  // unprofiled; a program that uses @profile must find it all the same
    if (found == Found::kKnown) AwaitProgramStart();
    return;
  }
  OpenRing();
  if (found == Found::kUnknownVersion) {
    StopForGood(wire::Notice::kUnknownVersion, static_cast<int32_t>(g_agent.interpreter.version_hex));
  } else {
    Prepare();
  }
  if ((g_agent.collector.flags & wire::kFollowChildren) == 0 || IsBehindSanitizer()) HideFromChildren();
}

// Ends of the process that run destructors; the others (os._exit, signals) the collector notices by itself.
// Signal-safe: no.  Allocates: no.  Locks: none.  Runs on: the exiting thread.
__attribute__((destructor)) void OnUnload() {
  if (g_agent.state == nullptr || g_agent.recording.load(std::memory_order_relaxed) == 0) return;
  if (g_counts_memory) PublishFootprint(t_memory);
  if (g_agent.state->stopped.exchange(1, std::memory_order_relaxed) != 0) return;
  if (g_counts_memory) PublishAllocated(t_memory);
  WriteRecordingEnd(wire::EndReason::kExit);
}

}  // namespace
}  // namespace scalene::agent
