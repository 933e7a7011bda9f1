// What the agent knows in this process. Two kinds of memory:
//
//   Agent         static; survives fork. Facts about the image: interpreter, layout, options, signal number.
//   ProcessState  anonymous mapping, wiped by the kernel in a fork child (MADV_WIPEONFORK). Everything that belongs to this
//                 very process: its ring, its threads and timers. A child finds zeros and starts anew; a vfork child
//                 shares its parent's memory and state, as it should.
//
// Threads: fields are atomic where several threads write them; the rest is written before the first handler can run.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "agent/random.h"
#include "base/cpython/layout.h"
#include "wire/handshake.h"
#include "wire/records.h"
#include "wire/ring_buffer.h"

namespace scalene::agent {

// One sampled thread. Its index travels in the timer's signal value.
struct alignas(64) ThreadSlot {
  std::atomic<int32_t> tid;  // 0: free; -1: claimed, not started yet
  int32_t timer;             // kernel's timer id
  uint64_t last_cpu_ns;      // the thread's clock at its last sample
  uint64_t armed_ns;         // CPU time after which the timer was to fire
  uint64_t random;
  void* (*start)(void*);  // what pthread_create was asked to run
  void* argument;
  uint64_t believed_blocked;  // by the creating thread; see signal_hooks
  uint8_t has_timer;
  uint8_t sampled;    // had its first sample since recording was last switched on
  uint32_t switches;  // Control::switches at its last tick
};
static_assert(sizeof(ThreadSlot) == 64);

inline constexpr uint32_t kMaxThreads = 32768;      // live at one time; 2 MiB of address space, touched as used
inline constexpr uint32_t kDescribedCodes = 16384;  // 128 KiB; a code object that loses its place is described again
inline constexpr uint32_t kSampleBuffers = 16;      // handlers that can run at one time; more than CPUs x 2 is rare

// Frames of one sample before their number is known. Too large for the interrupted stack.
struct SampleBuffer {
  wire::FrameEntry frames[wire::kMaxFrames];
};

enum class RingPhase : uint32_t {
  kNone,     // there is no ring
  kPrivate,  // only the connecting thread writes: the record that must come first
  kOpen,     // every thread
};

struct ProcessState {
  wire::RingBuffer ring;                    // written once, before `phase`
  std::atomic<uint32_t> connecting;         // one thread connects
  std::atomic<RingPhase> phase;             // who may use `ring`
  std::atomic<uint32_t> stopped;            // switched off for good
  std::atomic<uint32_t> slots_in_use;       // upper bound of the slots to look at
  std::atomic<uint32_t> buffers_in_use;     // bit mask
  std::atomic<uint64_t> last_heartbeat;     // Control::heartbeat when last looked at
  std::atomic<uint64_t> heartbeat_seen_ns;  // when it last moved
  std::atomic<uint64_t> described[kDescribedCodes];
  SampleBuffer buffers[kSampleBuffers];
  ThreadSlot threads[kMaxThreads];
};

// The interpreter in this image; zero address: none.
struct Interpreter {
  cpython::Layout layout;
  uint64_t runtime;  // _PyRuntime
  uint64_t runtime_bytes;
  uint64_t code_type, unicode_type;
  uint32_t version_hex;
  void* (*this_thread_state)();  // PyGILState_GetThisThreadState
};

struct Agent {
  wire::CollectorAddress collector;
  Interpreter interpreter;
  ProcessState* state;              // nullptr: this image is not profiled
  std::atomic<uint32_t> recording;  // the program has started (and not ended)
  int signal;                       // number used for sampling; 0: none yet
  uint64_t tick_ns;                 // kernel tick: timers fire no more often
  uint64_t mean_gap_ns;             // CPU time between samples, on average: the interval, but at least a tick
  TickLottery lottery;
  uint32_t on_at_fork;  // whether a fork child records from the start
  bool forked;          // this process is a fork child
};

extern Agent g_agent;

// Makes the wiped-on-fork state. False: no memory, the image is not profiled.
// Signal-safe: no.  Allocates: by mmap.  Locks: none.  Runs on: the loading thread.
bool MakeProcessState();

// Ends all sampling in this process; the program runs on.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
void StopForGood(wire::Notice notice, int32_t detail);

}  // namespace scalene::agent
