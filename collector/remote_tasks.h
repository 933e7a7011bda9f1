// RemoteTasks: the suspended asyncio tasks of a thread's event loop, and where each one waits: its await chain, from the
// task's coroutine to the innermost one.
//
//   3.8-3.13   the weak set of all tasks: whole, or random places of its table; those of this loop count
//   3.14+      the thread state's own list, walked in full
//
// Nothing is remembered between two reads, so finished tasks vanish by themselves. Bounded: kMostRead chains of kMostDeep
// coroutines a read; what the list holds beyond is counted, not read.
// Threads: one owner.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/code_objects.h"
#include "collector/remote_interpreter.h"
#include "wire/records.h"

namespace scalene::collector {

struct SuspendedTask {
  std::vector<wire::FrameEntry> frames;  // innermost first
  std::string name;
};

struct SuspendedTasks {
  double count = 0;                 // of the loop; estimated when only some were read
  std::vector<SuspendedTask> read;  // all of them, or a random part
};

class RemoteTasks {
 public:
  static constexpr size_t kMostLooked = 4'000;  // tasks whose state is looked at, done ones among them
  static constexpr size_t kMostRead = 200;      // of those, chains that are followed
  static constexpr size_t kMostListed = 200'000;
  static constexpr int kMostDeep = 100;

  explicit RemoteTasks(RemoteInterpreter& interpreter, pid_t pid);

  // The event loop that runs in the thread of this state; 0: none.
  uint64_t RunningLoop(uint64_t tstate);
  // False: the tasks could not be found.
  bool Read(uint64_t tstate, uint64_t loop, CodeObjects& codes, SuspendedTasks& tasks);

 private:
  bool PerThreadLists() const { return layout_.minor >= 14; }
  void FindAsyncioDebug(pid_t pid);
  bool ListTasks(uint64_t tstate, std::vector<uint64_t>& tasks, double* count);
  bool SetTasks(std::vector<uint64_t>& tasks, double* count);
  bool IsPending(uint64_t task, uint64_t loop);
  bool ReadTask(uint64_t task, CodeObjects& codes, SuspendedTask& read);
  std::string NameOf(uint64_t task);
  // The coroutine or generator behind an awaited object; 0: something else.
  uint64_t GeneratorOf(uint64_t object);
  bool IsSuspended(uint64_t generator);
  uint64_t FrameOf(uint64_t generator);
  uint64_t AwaitedBy(uint64_t generator);
  uint64_t AwaitedByFrameObject(uint64_t frame);
  bool ResumesInAwait(uint64_t instruction);
  uint64_t Random();

  RemoteInterpreter& interpreter_;
  RemoteMemory& memory_;
  RemoteObjects& objects_;
  cpython::Layout layout_;  // with the offsets of asyncio's own section
  uint64_t random_ = 0x853c49e6748fea9bull;
};

}  // namespace scalene::collector
