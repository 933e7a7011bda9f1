// An answer of the server that somebody else is still writing: they append as they learn, the browser reads as it comes.
// Threads: Append, Finish, abandoned and Abandon from any; the rest on the server's. Invariant: nothing follows Finish.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace scalene::render {

class AnswerFeed {
 public:
  void Append(std::string_view text);
  void Finish();
  // The reader has gone; nobody needs the rest.
  const std::atomic<bool>& abandoned() const { return abandoned_; }
  void Abandon();

  // The server's side. `wake` is called when there is news, until Abandon.
  void WakeBy(std::function<void()> wake);
  // Moves what is new to the end of `out`. True: that was the last of it.
  bool TakeInto(std::string& out);

 private:
  std::atomic<bool> abandoned_{false};
  std::mutex mutex_;  // guards all below
  std::string text_;
  bool finished_ = false;
  std::function<void()> wake_;
};

}  // namespace scalene::render
