// UnprofiledChildren: Python processes of the run that never introduced themselves (cleared environment, setuid, static).
// They run as they are; the profile lists them, so that nobody takes its numbers for the whole.
// Looks at the children of the known processes now and then; a child shorter than the pause between two looks may stay unseen.
// Threads: one owner.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "profile/document.h"

namespace scalene::collector {

class UnprofiledChildren {
 public:
  // `known`: the processes that live and are profiled. Call on every tick; most calls return at once.
  void Look(const std::vector<pid_t>& known, double now_sec);
  // It has introduced itself after all.
  void Forget(pid_t pid) { seen_.erase(pid); }
  // Those that lived for a while without a word.
  void AppendRows(double recording_start_sec, std::vector<profile::ProcessRow>& rows) const;

 private:
  struct Child {
    pid_t parent = 0;
    std::vector<std::string> argv;
    bool is_silent_python = false;
    double first_sec = 0, last_sec = 0;
  };
  void Note(pid_t pid, pid_t parent, double now_sec);

  std::map<pid_t, Child> seen_;
  double next_look_sec_ = 0;
};

}  // namespace scalene::collector
