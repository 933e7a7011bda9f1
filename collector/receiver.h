// Receiver: the abstract socket on which processes of the run introduce themselves. Nothing it needs lies in a directory,
// so nothing is left behind, whatever the end.
//
//   connect ─▶ Accept (peer credentials) ─▶ pending ─▶ ReadHello (memfd) ─▶ Introduction
//
// Threads: one owner. All descriptors are non-blocking: a silent peer cannot hold up the others.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/unique_fd.h"

namespace scalene::collector {

struct Introduction {
  pid_t pid = 0;  // as the kernel vouches for it, in our namespace
  UniqueFd memfd;
};

class Receiver {
 public:
  static Result<Receiver> Listen();

  int descriptor() const { return socket_.get(); }
  // 32 hexadecimal digits, for SCALENE_COLLECTOR.
  const std::string& name() const { return name_; }

  // Takes what has come: complete introductions. Call when the descriptor is readable, and on every tick, since a message
  // may follow its connection late.
  std::vector<Introduction> Receive();

 private:
  struct Pending {
    UniqueFd connection;
    pid_t pid = 0;
    std::chrono::steady_clock::time_point since;
  };
  void AcceptAll();
  Receiver() = default;

  UniqueFd socket_;
  std::string name_;
  std::vector<Pending> pending_;
};

}  // namespace scalene::collector
