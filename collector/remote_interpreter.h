// RemoteInterpreter: the interpreter of a process of the run, seen from outside: its thread states, the frames of one of
// them, its GIL, and the code objects behind the frames.
//
// Nothing here proves that what was read is true: the caller does (collector/thread_probe.h).
// Threads: one owner.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/cpython/layout.h"
#include "collector/code_objects.h"
#include "collector/remote_memory.h"
#include "collector/remote_objects.h"
#include "wire/records.h"

namespace scalene::collector {

class RemoteInterpreter {
 public:
  // nullptr: not readable, or not what the records say.
  static std::unique_ptr<RemoteInterpreter> Open(pid_t pid, const wire::ProcessStartRecord& start);

  // Thread states by kernel thread id, of all interpreters. Empty: could not be read.
  std::map<pid_t, uint64_t> ThreadStates();

  // The frames of a thread, leaf first, at most wire::kMaxFrames (the innermost). False: torn, or the thread state is not
  // this thread's any more. Code objects not heard of before are described to `codes`.
  bool ReadFrames(pid_t tid, uint64_t tstate, CodeObjects& codes, std::vector<wire::FrameEntry>& frames);

  // One frame, wherever it lies. False: not a frame of Python code.
  bool ReadFrame(uint64_t frame, CodeObjects& codes, wire::FrameEntry& entry);

  // Names of threading's threads by kernel thread id.
  std::map<pid_t, std::string> ThreadNames();

  // The GIL of the main interpreter, and of a thread's; 0: there is none, or it could not be read.
  uint64_t MainGil();
  uint64_t GilOf(uint64_t tstate);
  // Who has it at this moment; 0: nobody, or it could not be read.
  pid_t GilHolder(uint64_t gil);

  // Whether a futex at `address` is part of the GIL of this thread's interpreter.
  bool IsGil(uint64_t tstate, uint64_t address);
  // Whether a thread that waits at `futex` has been stopped by another one that stops the world. Free-threaded builds only.
  bool IsSuspended(uint64_t tstate, uint64_t futex);

  // The thread that threading.get_ident() calls so, as of the last ThreadStates; 0: none.
  pid_t ThreadOf(uint64_t ident) const;

  // A thread's innermost frame, the frame below another, and the code that one executes; 0: none, shims among them.
  uint64_t LeafFrame(uint64_t tstate);
  uint64_t CallerOf(uint64_t frame);
  uint64_t CodeOf(uint64_t frame);
  // Of the instruction at which an interpreter frame (3.11+) stands, in its code; -1: not known.
  int32_t OffsetIn(uint64_t code, uint64_t frame);

  uint64_t runtime() const { return runtime_; }
  const cpython::Layout& layout() const { return layout_; }
  RemoteMemory& memory() { return memory_; }
  RemoteObjects& objects() { return objects_; }

 private:
  RemoteInterpreter(pid_t pid, uint64_t runtime) : runtime_(runtime), memory_(pid), objects_(memory_, layout_) {}
  bool ChooseLayout(const wire::ProcessStartRecord& start);
  pid_t TidOf(uint64_t tstate);
  bool FindCodeType(uint64_t tstate);
  uint64_t FirstCode(uint64_t tstate);
  bool TypeIsCalled(uint64_t type, const char* name);
  uint64_t ExecutableOf(uint64_t frame);
  void Describe(uint64_t address, uint32_t fingerprint, CodeObjects& codes);

  const uint64_t runtime_;
  RemoteMemory memory_;
  cpython::Layout layout_;
  RemoteObjects objects_;
  uint64_t code_type_ = 0;  // once a frame has been seen
  std::map<uint64_t, pid_t> tids_;
};

}  // namespace scalene::collector
