#include "base/task_pool.h"

#include <algorithm>
#include <utility>

namespace scalene {

TaskPool::TaskPool(size_t helpers) {
  for (size_t i = 0; i < helpers; i++) threads_.emplace_back([this] { Work(); });
}

TaskPool::~TaskPool() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

size_t TaskPool::Helpers() { return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, 16) - 1; }

void TaskPool::Add(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({added_++, std::move(task)});
  }
  changed_.notify_one();
}

// The lock is released while the task runs. False when there was none.
bool TaskPool::RunOne(std::unique_lock<std::mutex>& lock) {
  if (waiting_.empty()) return false;
  const Task task = std::move(waiting_.front());
  waiting_.pop_front();
  running_++;
  lock.unlock();
  std::exception_ptr failure;
  try {
    task.run();
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  running_--;
  if (failure && (!failure_ || task.number < failed_number_)) {
    failure_ = failure;
    failed_number_ = task.number;
  }
  if (running_ == 0 && waiting_.empty()) changed_.notify_all();
  return true;
}

void TaskPool::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (ended_) return;
    RunOne(lock);
  }
}

void TaskPool::Finish() {
  std::unique_lock lock(mutex_);
  while (RunOne(lock)) {
  }
  changed_.wait(lock, [this] { return running_ == 0 && waiting_.empty(); });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace scalene
