// SignalRelay: what reaches the collector and is meant for the program.
//
// What the terminal sends (Ctrl-C, Ctrl-\, Ctrl-Z, hang-up of the foreground group) reaches the program by itself, since it
// shares our process group; the kernel says so in si_code. So does what a process sends to the whole group; GroupWitness
// tells. What is sent to us alone is passed on, once. The collector itself dies of none of them, so that the profile is
// written.
// When the program stops, we stop (so that the shell sees a stopped job); when we are continued, it goes on.
// Threads: the one that made it.
#pragma once

#include <sys/types.h>

#include <memory>

#include "base/status.h"
#include "base/unique_fd.h"
#include "collector/group_witness.h"

namespace scalene::collector {

class SignalRelay {
 public:
  // Blocks the relayed signals in this process and opens a descriptor for them.
  static Result<SignalRelay> Open();
  // In the program's process, before exec: masks and dispositions as we found them.
  static void RestoreForProgram();

  // Call when the program has been started: our first child is the program.
  void WatchGroup();

  int descriptor() const { return descriptor_.get(); }
  // Takes all pending signals. True when a child has changed its state.
  bool Relay(pid_t program);

 private:
  SignalRelay() = default;
  UniqueFd descriptor_;
  std::unique_ptr<GroupWitness> witness_;
};

}  // namespace scalene::collector
