#include "agent/program_start.h"

#include "agent/builtin_profile.h"
#include "agent/cpu_timer.h"
#include "agent/footprint.h"
#include "agent/process_state.h"
#include "agent/python_allocators.h"
#include "agent/python_runtime.h"
#include "agent/record_writer.h"
#include "agent/syscalls.h"
#include "agent/thread_hooks.h"
#include "agent/thread_memory.h"

namespace scalene::agent {
namespace {

using Hook = int (*)(const char* event, void* arguments, void* data);

// The interpreter's list entry: { next, function, data }, the same on 3.8 to 3.15.
struct HookEntry {
  HookEntry* next;
  Hook function;
  void* data;
};

HookEntry** g_hook_link = nullptr;  // the word of _PyRuntime that points to our entry

// Signal-safe: no.  Allocates: no.  Locks: none.  Runs on: the loading thread, before the interpreter initialises.
HookEntry** FindLink(Hook hook) {
  const Interpreter& interpreter = g_agent.interpreter;
  for (uint64_t offset = 0; offset + 8 <= interpreter.runtime_bytes; offset += 8) {
    const uint64_t at = interpreter.runtime + offset;
    uint64_t word;
    __builtin_memcpy(&word, reinterpret_cast<const void*>(at), sizeof word);
    const bool in_runtime = word >= interpreter.runtime && word < interpreter.runtime + interpreter.runtime_bytes;
    if (word < 4096 || word % 8 != 0 || in_runtime) continue;
    HookEntry entry{};
    if (GuardedRead(word, &entry, sizeof entry) && entry.function == hook) return reinterpret_cast<HookEntry**>(at);
  }
  return nullptr;
}

// Takes our entry out of the list while the interpreter walks it: the walk goes on with our `next`, which stays.
void Unlink(Hook hook) {
  if (g_hook_link == nullptr || *g_hook_link == nullptr || (*g_hook_link)->function != hook) return;
  *g_hook_link = (*g_hook_link)->next;
  g_hook_link = nullptr;
}

bool StartsWith(const char* text, const char* prefix) {
  while (*prefix != '\0' && *text == *prefix) ++text, ++prefix;
  return *prefix == '\0';
}

// Signal-safe: no.  Allocates: through the interpreter.  Locks: none.  Runs on: the main thread, holding the GIL.
void StartRecording() {
  if (const int failed = CheckLayout(); failed != 0) {
    StopForGood(wire::Notice::kLayoutMismatch, failed);
    return;
  }
  WriteProcessStart(wire::ProcessOrigin::kExec);
  if ((g_agent.collector.flags & wire::kStartEnabled) == 0) WriteSwitch(false, true);
  WriteInterpreterFacts();
  if (g_counts_memory) {
    WatchPythonAllocators();
    StartFootprint();
  }
  g_agent.recording.store(1, std::memory_order_relaxed);
  StartMainThread(ThreadCpu());
}

int OnAuditEvent(const char* event, void*, void*) {
  if (!StartsWith(event, "cpython.run_")) return 0;
  Unlink(OnAuditEvent);
  InstallBuiltinProfile();
  if (g_agent.state != nullptr && g_agent.recording.load(std::memory_order_relaxed) == 0) StartRecording();
  return 0;
}

}  // namespace

bool AwaitProgramStart() {
  const auto add_hook = reinterpret_cast<int (*)(Hook, void*)>(PythonSymbol("PySys_AddAuditHook"));
  if (add_hook == nullptr || add_hook(OnAuditEvent, nullptr) != 0) return false;
  g_hook_link = FindLink(OnAuditEvent);
  return true;
}

}  // namespace scalene::agent
