#include "render/answer_feed.h"

namespace scalene::render {

void AnswerFeed::Append(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (abandoned_ || finished_) return;
  text_ += text;
  if (wake_) wake_();
}

void AnswerFeed::Finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  if (wake_) wake_();
}

void AnswerFeed::WakeBy(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

bool AnswerFeed::TakeInto(std::string& out) {
  const std::lock_guard lock(mutex_);
  out += text_;
  text_.clear();
  return finished_;
}

void AnswerFeed::Abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  text_.clear();
  wake_ = nullptr;
}

}  // namespace scalene::render
