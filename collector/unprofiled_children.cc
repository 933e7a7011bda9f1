#include "collector/unprofiled_children.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <fstream>

#include "collector/proc_files.h"

namespace scalene::collector {
namespace {

constexpr double kPauseSec = 0.2;     // one look costs about 10 us a process, and 6 us for each thread of it
constexpr double kCostFactor = 100;   // 1 % of a CPU
constexpr double kPatienceSec = 0.1;  // an interpreter introduces itself within some 10 ms
constexpr size_t kMostSeen = 10'000;

double ThreadCpuSec() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// By the name of its executable: python, python3.12, python3.13t …
bool RunsPython(pid_t pid) {
  char target[PATH_MAX];
  const ssize_t length = readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), target, sizeof target);
  if (length <= 0) return false;
  const std::string path(target, static_cast<size_t>(length));
  return path.substr(path.rfind('/') + 1).starts_with("python");
}

// The children that thread `tid` of `pid` has started.
void AppendChildren(pid_t pid, const std::string& tid, std::vector<pid_t>& children) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + tid + "/children");
  for (pid_t child = 0; file >> child;) children.push_back(child);
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::vector<pid_t> children;
  DIR* tasks = opendir(("/proc/" + std::to_string(pid) + "/task").c_str());
  if (tasks == nullptr) return children;
  while (const dirent* task = readdir(tasks)) {
    if (task->d_name[0] != '.') AppendChildren(pid, task->d_name, children);
  }
  closedir(tasks);
  return children;
}

}  // namespace

void UnprofiledChildren::Look(const std::vector<pid_t>& known, double now_sec) {
  if (now_sec < next_look_sec_) return;
  const double begun_sec = ThreadCpuSec();
  for (const pid_t parent : known) {
    for (const pid_t child : ChildrenOf(parent)) {
      if (std::find(known.begin(), known.end(), child) == known.end()) Note(child, parent, now_sec);
    }
  }
  next_look_sec_ = now_sec + std::max(kPauseSec, kCostFactor * (ThreadCpuSec() - begun_sec));
}

void UnprofiledChildren::Note(pid_t pid, pid_t parent, double now_sec) {
  if (seen_.size() >= kMostSeen) return;
  const auto [place, is_new] = seen_.try_emplace(pid);
  Child& child = place->second;
  if (is_new) {
    child.parent = parent;
    child.first_sec = now_sec - AgeSecOf(pid);
  }
  child.last_sec = now_sec;
  // A fork child connects at its first tick; one that only waits has the agent, and nothing to say.
  if (child.is_silent_python || !RunsPython(pid) || MapsAgent(pid)) return;
  child.is_silent_python = true;
  child.argv = CommandLineOf(pid);
}

void UnprofiledChildren::AppendRows(double recording_start_sec, std::vector<profile::ProcessRow>& rows) const {
  for (const auto& [pid, child] : seen_) {
    if (!child.is_silent_python || child.last_sec - child.first_sec < kPatienceSec) continue;
    profile::ProcessRow row;
    row.pid = pid;
    row.ppid = child.parent;
    row.how = "exec";
    row.argv = child.argv;
    row.start_sec = std::max(0.0, child.first_sec - recording_start_sec);
    row.end_sec = std::max(row.start_sec, child.last_sec - recording_start_sec);
    row.profiled = false;
    rows.push_back(row);
  }
}

}  // namespace scalene::collector
