#include "collector/cpus.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace scalene::collector {
namespace {

// Our group's path in the unified hierarchy, from the line "0::/path"; empty without one.
std::string GroupPath() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return {};
}

// CPUs granted by one cpu.max file ("max 100000" or "150000 100000"); 0: no limit.
double QuotaOf(const std::string& directory) {
  std::ifstream file(directory + "/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  try {
    return std::stod(quota) / period;
  } catch (const std::exception&) {
    return 0;
  }
}

// The least quota of our group and all groups above it; 0: none.
double GroupQuota() {
  double least = 0;
  for (std::string path = GroupPath();; path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'))) {
    const double quota = QuotaOf("/sys/fs/cgroup" + path);
    if (quota > 0) least = least == 0 ? quota : std::min(least, quota);
    if (path.empty()) return least;
  }
}

}  // namespace

double CpusUsable() {
  cpu_set_t set;
  const int by_affinity = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : CpusInstalled();
  const double quota = GroupQuota();
  return quota > 0 ? std::min<double>(by_affinity, quota) : std::max(1, by_affinity);
}

int CpusInstalled() { return static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_CONF))); }

}  // namespace scalene::collector
