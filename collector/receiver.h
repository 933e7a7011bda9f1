// Receiver: the abstract socket on which processes of the run introduce themselves, and others ask to switch recording. Nothing it needs lies in a directory,
// so nothing is left behind, whatever the end.
//
//   connect ─▶ Accept (peer credentials) ─▶ pending ─▶ ReadMessage ─┬▶ Introduction (memfd)
//                                                                   └▶ SwitchCall
//
// Threads: one owner. All descriptors are non-blocking: a silent peer cannot hold up the others.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/unique_fd.h"
#include "wire/switch_request.h"

namespace scalene::collector {

struct Introduction {
  pid_t pid = 0;  // as the kernel vouches for it, in our namespace
  UniqueFd memfd;
};

// Somebody waits for a reply.
struct SwitchCall {
  wire::SwitchVerb verb = wire::SwitchVerb::kStatus;
  UniqueFd connection;
};

struct Messages {
  std::vector<Introduction> introductions;
  std::vector<SwitchCall> calls;
};

class Receiver {
 public:
  static Result<Receiver> Listen();

  int descriptor() const { return socket_.get(); }
  // 32 hexadecimal digits, for SCALENE_COLLECTOR.
  const std::string& name() const { return name_; }

  // Takes what has come, where it is complete. Call when the descriptor is readable, and on every tick, since a message
  // may follow its connection late.
  Messages Receive();

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
