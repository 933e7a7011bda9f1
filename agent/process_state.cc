#include "agent/process_state.h"

#include "agent/record_writer.h"
#include "agent/syscalls.h"

namespace scalene::agent {

constinit Agent g_agent{};

bool MakeProcessState() {
  void* memory =
      MapMemory(sizeof(ProcessState), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == nullptr) return false;
  // Kernels before 4.14 lack it: then fork children would share our ring, so they must not be sampled at all.
  if (RawSyscall(SYS_madvise, AsWord(memory), sizeof(ProcessState), MADV_WIPEONFORK) != 0) {
    RawSyscall(SYS_munmap, AsWord(memory), sizeof(ProcessState));
    return false;
  }
  g_agent.state = static_cast<ProcessState*>(memory);  // all zero, which is the initial value of every field
  return true;
}

void StopForGood(wire::Notice notice, int32_t detail) {
  ProcessState* state = g_agent.state;
  if (state == nullptr || state->stopped.exchange(1, std::memory_order_relaxed) != 0) return;
  WriteNotice(notice, detail);
}

}  // namespace scalene::agent
