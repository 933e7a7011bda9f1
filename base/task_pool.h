// TaskPool: work that falls into independent pieces, on as many threads as there are processors. Pieces may be added while
// others already run. A failure of one does not stop the others; the first one in the order of adding is what Finish
// throws, so that trouble does not depend on chance.
// Threads: Add and Finish on the owner's; tasks on any, also the owner's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace scalene {

class TaskPool {
 public:
  // `helpers`: threads beside the owner's; 0 does everything in Finish.
  explicit TaskPool(size_t helpers);
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  void Add(std::function<void()> task);
  // Helps until everything is done. Rethrows the first failure.
  void Finish();

  // One less than there are processors, at most 15.
  static size_t Helpers();

 private:
  struct Task {
    size_t number;
    std::function<void()> run;
  };
  void Work();
  bool RunOne(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;  // guarded by mutex_, as all below
  size_t added_ = 0, running_ = 0, failed_number_ = 0;
  std::exception_ptr failure_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace scalene
