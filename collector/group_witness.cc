#include "collector/group_witness.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <new>

#include "collector/proc_files.h"

namespace scalene::collector {

struct GroupWitness::Counts {
  std::atomic<uint64_t> of[NSIG];
};

namespace {

// The kernel signals the members of a group one after the other, and we may run before it has come to the witness.
constexpr int kLooks = 4;
constexpr timespec kBetweenLooks{0, 1'000'000};

[[noreturn]] void CountUntilKilled(const sigset_t& signals, pid_t parent, std::atomic<uint64_t>* counts) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  prctl(PR_SET_NAME, "scalene-witness");
  close_range(0, ~0u, 0);  // a pipe of the program's must end when the program ends
  for (;;) {
    const int signal = sigwaitinfo(&signals, nullptr);
    if (signal > 0) counts[signal].fetch_add(1, std::memory_order_release);
  }
}

}  // namespace

GroupWitness::GroupWitness(const sigset_t& signals) {
  void* const shared = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return;
  counts_ = new (shared) Counts;
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) CountUntilKilled(signals, parent, counts_->of);
}

GroupWitness::~GroupWitness() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (counts_ != nullptr) munmap(counts_, sizeof(Counts));
}

bool GroupWitness::GotToo(int signal) {
  if (pid_ <= 0) return false;
  for (int look = 0; look < kLooks; look++) {
    if (look > 0) nanosleep(&kBetweenLooks, nullptr);
    const uint64_t arrived = Arrived(signal);
    if (arrived == known_[signal]) continue;
    known_[signal] = arrived;
    return true;
  }
  return false;
}

// Counted, or waiting to be: the witness may not have run yet. What changes from one to the other between the two looks is
// missed by this one, never seen twice.
uint64_t GroupWitness::Arrived(int signal) const {
  const uint64_t counted = counts_->of[signal].load(std::memory_order_acquire);
  return counted + (HasPending(pid_, signal) ? 1 : 0);
}

}  // namespace scalene::collector
