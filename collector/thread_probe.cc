#include "collector/thread_probe.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace scalene::collector {
namespace {

// Introductions, rings and the profile need descriptors, too.
int HighestKept() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  return static_cast<int>(limit.rlim_cur > 1'000'000 ? 900'000 : limit.rlim_cur * 9 / 10) - 64;
}

int g_highest_kept = HighestKept();

}  // namespace

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  g_highest_kept = HighestKept();
}

SchedStat ParseSchedStat(const char* text) {
  SchedStat stat;
  char* end = nullptr;
  stat.cpu_ns = std::strtoull(text, &end, 10);
  stat.delay_ns = std::strtoull(end, &end, 10);
  stat.slices = std::strtoull(end, &end, 10);
  return stat;
}

// "202 0x7f… 0x189 0x0 0x0 0x0 0xffffffff 0xSP 0xPC", "-1 0xSP 0xPC" or "running".
BlockedCall ParseCall(const char* text) {
  BlockedCall call;
  if (std::strncmp(text, "running", 7) == 0) {
    call.state = BlockedCall::State::kRunning;
    return call;
  }
  char* at = nullptr;
  call.number = std::strtol(text, &at, 10);
  if (at == text) return call;
  call.state = BlockedCall::State::kBlocked;
  if (call.number >= 0) {
    for (uint64_t& argument : call.arguments) argument = std::strtoull(at, &at, 16);
  }
  call.stack = std::strtoull(at, &at, 16);
  call.instruction = std::strtoull(at, &at, 16);
  return call;
}

ThreadProbe::ThreadProbe(pid_t pid, pid_t tid)
    : tid_(tid), folder_("/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid) + "/") {}

ssize_t ThreadProbe::ReadFile(const char* name, UniqueFd& kept, char* into, size_t size) {
  UniqueFd opened;
  if (!kept.valid()) opened = UniqueFd(open((folder_ + name).c_str(), O_RDONLY | O_CLOEXEC));
  const int descriptor = kept.valid() ? kept.get() : opened.get();
  if (descriptor < 0) return -1;
  const ssize_t got = pread(descriptor, into, size - 1, 0);
  if (got >= 0) into[got] = '\0';
  if (opened.valid() && opened.get() < g_highest_kept) kept = std::move(opened);
  return got;
}

std::optional<SchedStat> ThreadProbe::ReadSchedStat() {
  char text[128];
  if (ReadFile("schedstat", schedstat_, text, sizeof text) <= 0) return std::nullopt;
  return ParseSchedStat(text);
}

BlockedCall ThreadProbe::ReadCall() {
  char text[256];
  errno = 0;
  const bool read = ReadFile("syscall", syscall_, text, sizeof text) > 0;
  forbidden_ = !read && (errno == EPERM || errno == EACCES);
  if (!read) return {};
  return ParseCall(text);
}

uint64_t ThreadProbe::ReadVoluntarySwitches() {
  char text[4096];
  if (ReadFile("status", status_, text, sizeof text) <= 0) return 0;
  constexpr char kField[] = "\nvoluntary_ctxt_switches:";
  const char* found = std::strstr(text, kField);
  return found == nullptr ? 0 : std::strtoull(found + sizeof kField - 1, nullptr, 10);
}

char ThreadProbe::ReadState() const {
  char text[512];
  const UniqueFd file(open((folder_ + "stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return 0;
  const ssize_t got = read(file.get(), text, sizeof text - 1);
  if (got <= 0) return 0;
  text[got] = '\0';
  const char* name_end = std::strrchr(text, ')');
  return name_end != nullptr && name_end[1] == ' ' ? name_end[2] : 0;
}

}  // namespace scalene::collector
