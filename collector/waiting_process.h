// WaitingProcess: a process of the run as its waits look from outside: which of its threads are blocked, since when, in
// what, and where in Python. Looks at a thread anew only when its schedstat has moved; otherwise what was accepted holds.
//
// A stack is accepted when the thread's blocked call and its schedstat are the same before and after the read. A thread
// that will not stand still for two reads is believed to be where its last CPU sample was, if that is fresh.
// Threads: one owner.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/unique_fd.h"
#include "collector/gil_watch.h"
#include "collector/idle_time.h"
#include "collector/lock_watch.h"
#include "collector/remote_interpreter.h"
#include "collector/remote_locks.h"
#include "collector/remote_tasks.h"
#include "collector/sample_folder.h"
#include "collector/target_process.h"
#include "collector/thread_probe.h"

namespace scalene::collector {

// Waits too short to be seen belong to the line that has them; a look that finds the thread waiting within this time
// speaks for them, after it the line where the thread last ran does.
inline constexpr double kShortWaitsSec = 0.05;
inline constexpr int kShortWaitsLooks = 4;  // at least: on a busy machine looks come late, too

// Suspended tasks of an event loop that wait on one line.
struct AwaitLine {
  ProcessContext::RecentLine line;
  double part = 0;   // of the loop's waiting
  double tasks = 0;  // how many
  std::set<std::string> names;
  std::vector<std::pair<profile::StackId, double>> stacks;  // with their parts of the loop's waiting
};

struct WaitingThread {
  enum class State : uint8_t { kUnknown, kRunning, kBlocked, kStopped };

  explicit WaitingThread(pid_t pid, pid_t tid) : probe(pid, tid) {}

  ThreadProbe probe;
  SchedStat counted;                                // up to here its time has been accounted for
  bool is_new = true;                               // nothing has been counted yet
  double unseen_from_sec = 0, unseen_busy_sec = 0;  // before it was first seen, until its birth is known; 0: settled
  double first_seen_sec = 0;
  // It ran, or waited for a CPU, and its clocks stood still: the wait they tell when it is over.
  double stolen_sec = 0;
  double unsure_delay_sec = 0;    // waited for a CPU, perhaps as another program
  double lineless_delay_sec = 0;  // the same, while samples were held up
  uint64_t switches = 0;          // voluntary ones, when it was last seen running; 0: unknown
  State state = State::kUnknown;
  bool settled = false;  // state, reason and place hold until schedstat moves
  profile::WaitReason reason = profile::WaitReason::kOther;
  pid_t awaited_child = 0;
  bool placed = false;  // `place` says where it waits
  bool has_python = false;
  SampleFolder::Standing place;
  std::vector<AwaitLine> awaits;  // of the event loop in whose poll it is; empty: it is in none, or no task has a line
  bool tasks_unread = false;  // in such a poll, but its tasks are to be read later: what it waits is held until then
  double tasks = 0;           // suspended in that loop
  double awaits_at_sec = 0;   // when they were read, or last known to be true
  // The same, kept while the thread is not in that poll: whom it keeps from running meanwhile.
  std::vector<AwaitLine> kept_waiting;
  double unplaced_sec = 0;    // waited, not yet put on a line
  double blocked_at_sec = 0;  // when it was last seen waiting
  int looks_running = 0;      // since then
  pid_t gil_holder = 0;       // who had the GIL when it was last seen waiting for it
  uint64_t lock = 0;          // of threading, for which it waits; 0: for none, or which one is not known
  bool lock_looked_at = false;
  pid_t lock_holder = 0;              // who had it when last looked; 0: not known
  std::vector<uint64_t> locks_held;   // in `with` blocks
  std::optional<SchedStat> locks_at;  // when they were read; nothing: while it moved
};

class WaitingProcess {
 public:
  // What one look adds up to.
  struct Look {
    double cpu_sec = 0, delay_sec = 0, longest_sec = 0;
    double stolen_sec = 0;  // a thread had the CPU and its clock stood still: a virtual machine's host had taken it
    int busy = 0;
    bool stopped = false;
  };
  struct Losses {
    int64_t rejected = 0, unplaced = 0;
    int64_t task_reads_missed = 0;
    int64_t unknown_gil_holders = 0, unknown_lock_holders = 0;
    void Add(const Losses& other);
  };

  WaitingProcess(TargetProcess& process, uint64_t cpu_clock_ns, bool read_tasks);

  // `sec`: since the last look.
  Look LookAt(double sec, double now_sec, SampleFolder& folder, profile::FoldedCounts& counts);
  // What its threads have waited for a CPU since the last look.
  double DelaySinceLook();
  // It has ended: what is known of it by its last samples.
  void Finish(SampleFolder& folder, profile::FoldedCounts& counts);
  // How long none of its threads ran, of the interval just looked at.
  double IdleOf(double sec, const Look& look);

  TargetProcess& process() { return process_; }
  WaitingThread* MainThread();
  std::map<pid_t, WaitingThread>& threads() { return threads_; }
  uint64_t cpu_clock_ns() const { return cpu_clock_ns_; }
  Losses losses() const;
  // Its memory may not be read: its waits have no lines.
  bool refused() const { return refused_; }

 private:
  void ListThreads(SampleFolder& folder);
  uint64_t StateOfThread(pid_t tid, double now_sec);
  RemoteInterpreter* Interpreter();
  void ReadNames(double now_sec);
  bool IsStopped();
  void LookAtThread(WaitingThread& thread, double sec, double now_sec, SampleFolder& folder, Look& look);
  double WaitedUnseen(WaitingThread& thread);
  bool HasWoken(WaitingThread& thread);
  bool RanThroughout(WaitingThread& thread, bool was_running, bool same_slice);
  void Examine(WaitingThread& thread, double now_sec, SampleFolder& folder);
  bool Accept(WaitingThread& thread, double now_sec, SampleFolder& folder);
  void NoteDriver(const WaitingThread& thread, double now_sec);
  bool InPollOfLoop(const WaitingThread& thread) const;
  bool ReadTasks(uint64_t tstate, double now_sec, SuspendedTasks& tasks);
  void NoteAwaits(WaitingThread& thread, const SuspendedTasks& tasks, double now_sec, SampleFolder& folder);
  void PutOnRecentLine(WaitingThread& thread, double now_sec, SampleFolder& folder);
  void Credit(WaitingThread& thread, double moment_sec, profile::FoldedCounts& counts);
  void CreditLoopLag(WaitingThread& thread, double sec, double now_sec, SampleFolder& folder);
  void NoteGilWait(WaitingThread& thread, double sec, double moment_sec);
  void LookAtGil(double sec, double now_sec, SampleFolder& folder);
  void LookAtLocks(double now_sec, SampleFolder& folder);
  std::map<uint64_t, pid_t> HeldInWithBlocks();
  RemoteLocks& Locks();
  std::optional<TargetProcess::Hold> HoldOfBlocked(pid_t holder);
  static profile::LineKey LineOf(const WaitingThread& thread);
  void CreditShortWaits(WaitingThread& thread, double now_sec, SampleFolder& folder);
  void CreditRest(WaitingThread& thread, bool was_placed);
  void CreditUnseen(WaitingThread& thread, double now_sec, SampleFolder& folder);
  void CreditRunnable(WaitingThread& thread, double delay_sec, SampleFolder& folder);
  void CreditSureDelay(WaitingThread& thread, SampleFolder& folder);

  TargetProcess& process_;
  UniqueFd tasks_;  // /proc/PID/task
  std::map<pid_t, WaitingThread> threads_;
  uint64_t thread_count_ = 0;  // when the threads were last listed
  std::unique_ptr<RemoteInterpreter> interpreter_;
  std::unique_ptr<RemoteTasks> task_reader_;  // once an event loop may be there
  const bool read_tasks_;
  double tasks_due_sec_ = 0;  // not before: reading many tasks takes long
  std::map<pid_t, uint64_t> thread_states_;
  double states_read_sec_ = -1e9;
  bool states_stale_ = true;  // threads have come since
  double names_due_sec_ = 0, names_delay_sec_ = 0;
  bool looked_ = false;  // before
  double last_look_sec_ = 0;
  bool refused_ = false;
  std::optional<bool> stopped_;  // at this look; read when needed
  IdleTime idle_;
  GilWatch gil_watch_;
  // What was waited for locks until this look, to be noted when all threads have been looked at.
  struct LockWait {
    WaitingThread* thread;
    profile::LineKey line;
    double sec, moment_sec;
  };
  std::vector<LockWait> lock_waits_;
  LockWatch lock_watch_;
  std::unique_ptr<RemoteLocks> locks_;  // once a thread waits for a lock
  uint64_t main_gil_ = 0;               // once found
  pid_t gil_holder_ = 0;                // when last looked
  std::ptrdiff_t python_threads_ = 0;   // at the last look
  bool any_moved_ = true;               // a thread has run since the last look, or may have
  uint64_t cpu_clock_ns_;
  profile::FoldedCounts* counts_ = nullptr;  // during a look
  std::vector<wire::FrameEntry> frames_;
  Losses losses_;
};

}  // namespace scalene::collector
