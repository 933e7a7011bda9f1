// Small facts about a process from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace scalene::collector {

// The words of /proc/PID/cmdline; empty when the process is gone.
std::vector<std::string> CommandLineOf(pid_t pid);

// The CPU clock of a whole process; also of one that has ended and is not yet reaped. nullopt: it is gone.
std::optional<uint64_t> CpuClockOf(pid_t pid);

// Whether a ring of ours is mapped there: an exec has taken it away, a fork child has none yet. True when that cannot be read.
bool MapsRing(pid_t pid);
// Whether the agent's library is mapped there.
bool MapsAgent(pid_t pid);

// Whether the signal waits to be taken by the process (by any thread of it). False when the process is gone.
bool HasPending(pid_t pid, int signal);

// Seconds since the process was started, to a hundredth; 0 when it is gone.
double AgeSecOf(pid_t pid);

// Bytes in memory now; 0 when the process is gone.
double ResidentBytesOf(pid_t pid);

}  // namespace scalene::collector
