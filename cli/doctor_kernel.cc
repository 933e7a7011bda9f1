// Doctor's questions to the kernel: timers, reading another process, /proc, shared memory.

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cli/doctor_checks.h"
#include "cli/files.h"

namespace scalene::cli {
namespace {

std::atomic<int> g_expiries = 0;

void CountExpiry(int) { g_expiries.fetch_add(1, std::memory_order_relaxed); }

double ThreadCpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void BurnCpu(double seconds) {
  for (double end = ThreadCpuSeconds() + seconds; ThreadCpuSeconds() < end;) {
  }
}

// How often a 1 ms timer on this thread's CPU clock fires in 60 ms of work; -1 when there can be none.
int CountExpiries() {
  struct sigaction action {
  }, before{};
  action.sa_handler = CountExpiry;
  action.sa_flags = SA_RESTART;
  int number = SIGRTMAX;
  sigaction(number, &action, &before);
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = number;
  event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
  timer_t timer;
  if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) != 0) return -1;
  itimerspec every{{0, 1000000}, {0, 1000000}};
  timer_settime(timer, 0, &every, nullptr);
  g_expiries = 0;
  BurnCpu(0.06);
  timer_delete(timer);
  sigaction(number, &before, nullptr);
  return g_expiries;
}

// A child of ours that sleeps until it is killed; it dies with us.
class SleepingChild {
 public:
  SleepingChild() {
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (true) pause();
  }
  ~SleepingChild() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  SleepingChild(const SleepingChild&) = delete;
  SleepingChild& operator=(const SleepingChild&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

const char g_landmark[] = "scalene";  // at the same address in a forked child

std::string PtraceRemedy() {
  std::string scope = ReadBeginning("/proc/sys/kernel/yama/ptrace_scope", 1);
  if (scope == "2" || scope == "3") return "kernel.yama.ptrace_scope is " + scope + ": set it to 0 or 1";
  return "in a container, allow it: --cap-add SYS_PTRACE, or a seccomp profile with process_vm_readv";
}

std::string ProcFile(pid_t pid, const char* name) {
  std::string path = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/" + name;
  return ReadBeginning(path, 256);
}

bool CanBindAbstractSocket() {
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "scalene-doctor-%d", getpid());
  socklen_t size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + static_cast<size_t>(length));
  bool is_bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0;
  close(fd);
  return is_bound;
}

// "" or what cannot be done with a sealed shared mapping of a ring's size.
std::string TrySharedMapping() {
  constexpr size_t kRingBytes = 1 << 20;
  int fd = memfd_create("scalene-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return std::string("memfd_create: ") + strerror(errno);
  std::string trouble;
  if (ftruncate(fd, kRingBytes) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
    trouble = std::string("sealing: ") + strerror(errno);
  }
  void* mapping = mmap(nullptr, kRingBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapping == MAP_FAILED)
    trouble = std::string("mmap: ") + strerror(errno);
  else
    munmap(mapping, kRingBytes);
  close(fd);
  return trouble;
}

}  // namespace

Finding ExamineTimers(const Surroundings&) {
  int expiries = CountExpiries();
  if (expiries < 0) {
    return {false, std::string("no timer on a thread's CPU clock: ") + strerror(errno),
            "raise the limit of pending signals (ulimit -i)"};
  }
  if (expiries == 0) return {false, "a timer on a thread's CPU clock never fires", "is the kernel older than 5.10?"};
  char text[96];
  double tick_ms = 60.0 / expiries;
  snprintf(text, sizeof text, "fire on a thread's CPU clock, at most every %.0f ms (kernel tick)",
           std::ceil(tick_ms - 0.5));
  return {true, text, ""};
}

Finding ExamineOutsideReading(const Surroundings&) {
  SleepingChild child;
  char copy[sizeof g_landmark] = {};
  iovec here{copy, sizeof copy}, there{const_cast<char*>(g_landmark), sizeof g_landmark};
  ssize_t got = process_vm_readv(child.pid(), &here, 1, &there, 1, 0);
  bool is_same = got == static_cast<ssize_t>(sizeof copy) && memcmp(copy, g_landmark, sizeof copy) == 0;
  if (is_same) return {true, "the memory of a child can be read", ""};
  return {false, std::string("the memory of a child cannot be read: ") + strerror(errno), PtraceRemedy()};
}

Finding ExamineProcFiles(const Surroundings&) {
  SleepingChild child;
  usleep(2000);  // until it is in its call
  std::string before = ProcFile(getpid(), "schedstat");
  BurnCpu(0.02);
  bool moves = !before.empty() && ProcFile(getpid(), "schedstat") != before;
  std::string call = ProcFile(child.pid(), "syscall");
  bool names_call = !call.empty() && call[0] >= '0' && call[0] <= '9';
  if (moves && names_call) return {true, "/proc shows schedstat and system calls of threads", ""};
  std::string missing = !moves ? "schedstat" : "syscall";
  return {false, "/proc/PID/task/TID/" + missing + " does not say anything",
          "waiting is then measured by process clocks alone"};
}

Finding ExamineSharedMemory(const Surroundings&) {
  std::string trouble = TrySharedMapping();
  if (!trouble.empty()) return {false, trouble, "is a seccomp filter or a memory limit in the way?"};
  if (!CanBindAbstractSocket())
    return {false, std::string("no Unix socket: ") + strerror(errno), "is a seccomp filter in the way?"};
  return {true, "sealed memory and a Unix socket work", ""};
}

}  // namespace scalene::cli
