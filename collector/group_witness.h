// GroupWitness: tells a signal sent to our whole process group (kill -TERM -PGID, `timeout`, a service manager) from one sent
// to us alone. The program is in our group, so it has the former already; and the kernel does not say which it was.
//
// A process of our group that does nothing but count the signals it gets. It has no descriptors, and ends with us.
// Threads: the one that made it.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstdint>

namespace scalene::collector {

class GroupWitness {
 public:
  // Call with the signals of interest blocked. Without a witness (no process to be had) every signal seems ours alone.
  explicit GroupWitness(const sigset_t& signals);
  ~GroupWitness();
  GroupWitness(const GroupWitness&) = delete;
  GroupWitness& operator=(const GroupWitness&) = delete;

  // Whether the group got this signal, too, since the last question about it. Waits some milliseconds for a "no".
  bool GotToo(int signal);

 private:
  uint64_t Arrived(int signal) const;

  struct Counts;
  Counts* counts_ = nullptr;  // shared with the witness
  pid_t pid_ = 0;
  uint64_t known_[NSIG] = {};
};

}  // namespace scalene::collector
