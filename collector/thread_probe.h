// ThreadProbe: what the kernel says of one thread of another process, through its files in /proc.
//
//   schedstat   CPU time, time waiting for a CPU, times scheduled. It does not move while a thread is blocked, nor, between
//               two kernel ticks, while it runs.
//   syscall     the call a thread is blocked in, with its arguments; "running" when it is on a CPU or waits for one
//
// A thread whose schedstat and blocked call are the same before and after something was read stood still meanwhile.
// Descriptors are kept while there is room for them (Keeping), since opening costs more than reading.
// Threads: one owner.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/unique_fd.h"

namespace scalene::collector {

struct SchedStat {
  uint64_t cpu_ns = 0, delay_ns = 0, slices = 0;
  bool operator==(const SchedStat&) const = default;
};

struct BlockedCall {
  enum class State : uint8_t { kRunning, kBlocked, kUnreadable } state = State::kUnreadable;
  long number = -1;  // of the system call; -1: blocked in none (a page fault)
  std::array<uint64_t, 6> arguments{};
  uint64_t stack = 0, instruction = 0;
  bool operator==(const BlockedCall&) const = default;
};

class ThreadProbe {
 public:
  ThreadProbe(pid_t pid, pid_t tid);

  pid_t tid() const { return tid_; }
  // nullopt: the thread is gone.
  std::optional<SchedStat> ReadSchedStat();
  BlockedCall ReadCall();
  // The last ReadCall failed for want of permission.
  bool forbidden() const { return forbidden_; }
  // How often it has gone to wait by itself; 0: unknown. Slower than the others: a page of text.
  uint64_t ReadVoluntarySwitches();
  // R, S, D, T, t, Z … of the stat file; 0: gone.
  char ReadState() const;

 private:
  // Reads a file, keeping its descriptor in `kept` if there is room.
  ssize_t ReadFile(const char* name, UniqueFd& kept, char* into, size_t size);
  const pid_t tid_;
  std::string folder_;
  UniqueFd schedstat_, syscall_, status_;
  bool forbidden_ = false;
};

// Lets this process hold as many descriptors as it may. Not before the program has been started: it would inherit that.
void RaiseDescriptorLimit();

SchedStat ParseSchedStat(const char* text);
BlockedCall ParseCall(const char* text);

}  // namespace scalene::collector
