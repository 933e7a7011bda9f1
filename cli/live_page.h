// The page of a run in progress: `scalene view` of the profile that is being rewritten, as a process of its own, which
// stays until its page is closed, also when the run has ended.
// Threads: main thread.
#pragma once

#include <string>

namespace scalene::cli {

class LivePage {
 public:
  // The first call starts the viewer; the profile is there by then.
  void Show(const std::string& profile_path);

 private:
  bool started_ = false;
};

}  // namespace scalene::cli
