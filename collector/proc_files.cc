#include "collector/proc_files.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string_view>

#include "base/unique_fd.h"

namespace scalene::collector {
namespace {

bool SomeMapping(pid_t pid, std::string_view what) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  if (!maps || maps.peek() == std::ifstream::traits_type::eof()) return true;  // not ours to read
  for (std::string line; std::getline(maps, line);) {
    if (line.find(what) != std::string::npos) return true;
  }
  return false;
}

// "" if the process is gone, also if it goes while it is read: a stream's iterators would throw then.
std::string ContentOf(pid_t pid, const char* name) {
  const UniqueFd file(open(("/proc/" + std::to_string(pid) + "/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  std::string content;
  std::array<char, 4096> block;
  ssize_t bytes = 0;
  while (file.valid() && (bytes = read(file.get(), block.data(), block.size())) > 0) {
    content.append(block.data(), static_cast<size_t>(bytes));
  }
  return content;
}

}  // namespace

std::optional<uint64_t> CpuClockOf(pid_t pid) {
  timespec time{};
  const auto clock =
      static_cast<clockid_t>((~static_cast<uint32_t>(pid)) << 3 | 2);  // MAKE_PROCESS_CPUCLOCK of the kernel
  if (clock_gettime(clock, &time) != 0) return std::nullopt;
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec);
}

bool MapsRing(pid_t pid) { return SomeMapping(pid, "/memfd:scalene-ring"); }
bool MapsAgent(pid_t pid) { return SomeMapping(pid, "/libscalene_agent.so"); }

std::vector<std::string> CommandLineOf(pid_t pid) {
  const std::string bytes = ContentOf(pid, "cmdline");
  std::vector<std::string> words;
  for (size_t start = 0; start < bytes.size();) {
    const size_t end = std::min(bytes.find('\0', start), bytes.size());
    words.push_back(bytes.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

bool HasPending(pid_t pid, int signal) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  unsigned long long pending = 0;  // bit 0: signal 1
  for (std::string line; std::getline(file, line);) {
    if (std::sscanf(line.c_str(), "ShdPnd: %llx", &pending) == 1) break;
  }
  return (pending >> (signal - 1) & 1) != 0;
}

double AgeSecOf(pid_t pid) {
  const std::string bytes = ContentOf(pid, "stat");
  const size_t name_end = bytes.rfind(')');  // the name may hold anything, spaces and parentheses too
  unsigned long long start_ticks = 0;
  if (name_end == std::string::npos ||
      std::sscanf(bytes.c_str() + name_end + 1,
                  " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
                  &start_ticks) != 1) {
    return 0;
  }
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double start_sec = static_cast<double>(start_ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return std::max(0.0, static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 - start_sec);
}

double ResidentBytesOf(pid_t pid) {
  unsigned long size = 0, resident = 0;
  if (std::sscanf(ContentOf(pid, "statm").c_str(), "%lu %lu", &size, &resident) != 2) return 0;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace scalene::collector
