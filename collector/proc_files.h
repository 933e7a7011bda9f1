// Small facts about a process from /proc.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace scalene::collector {

// The words of /proc/PID/cmdline; empty when the process is gone.
std::vector<std::string> CommandLineOf(pid_t pid);

}  // namespace scalene::collector
