// ProcessCode: from a program counter of one process to module, address and kind of code. Reads the process's mappings when
// it is made, and again when an address is in none of them, since libraries come while the program runs.
//
// After the process has ended the last mappings still serve; so make this object when the process is first heard of.
// Threads: none; one object per process and image (an exec needs a new one).
#pragma once

#include <sys/types.h>

#include <chrono>

#include "collector/mappings.h"
#include "collector/symbolizer.h"

namespace scalene::collector {

class ProcessCode {
 public:
  ProcessCode(pid_t pid, Symbolizer& symbolizer);

  // Whether Locate(pc) knows without waiting for a file to be read.
  bool IsReady(uint64_t pc);
  CodeAddress Locate(uint64_t pc);
  // The function's name, also for code without a file.
  SymbolName NameOf(const CodeAddress& code);

 private:
  // A JIT that unmaps its code gives misses for ever; reading maps costs 0.1 to 1 ms.
  static constexpr std::chrono::milliseconds kMinimumAge{50};
  void Refresh();
  const Mapping* MappingOf(uint64_t pc);

  const pid_t pid_;
  Symbolizer& symbolizer_;
  Mappings mappings_;
  std::chrono::steady_clock::time_point read_at_;
};

}  // namespace scalene::collector
