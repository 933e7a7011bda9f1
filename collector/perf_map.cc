#include "collector/perf_map.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace scalene::collector {
namespace {

bool TakeHex(std::string_view* line, uint64_t* value) {
  if (line->starts_with("0x")) line->remove_prefix(2);
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), *value, 16);
  if (error != std::errc() || end == line->data() + line->size() || *end != ' ') return false;
  line->remove_prefix(static_cast<size_t>(end - line->data()) + 1);
  return true;
}

// The number that the process has in its own pid namespace, which names its file: the last of NSpid.
std::string InnermostPid(pid_t pid) {
  std::string innermost = std::to_string(pid);
  FILE* file = std::fopen(("/proc/" + innermost + "/status").c_str(), "re");
  if (file == nullptr) return innermost;
  char line[512];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    std::string_view text(line);
    if (!text.starts_with("NSpid:")) continue;
    text = text.substr(0, text.find_last_not_of(" \t\n") + 1);
    innermost = text.substr(text.find_last_of(" \t:") + 1);
  }
  std::fclose(file);
  return innermost;
}

}  // namespace

PerfMapFile::PerfMapFile(pid_t pid) {
  const std::string process = "/proc/" + std::to_string(pid);
  path_ = process + "/root/tmp/perf-" + InnermostPid(pid) + ".map";
  struct stat info;
  if (stat(process.c_str(), &info) == 0) owner_ = info.st_uid;
}

std::optional<PerfMapFile::Function> PerfMapFile::Find(uint64_t address) {
  if (auto known = FindKnown(address)) return known;
  return ReadNew() ? FindKnown(address) : std::nullopt;
}

std::optional<PerfMapFile::Function> PerfMapFile::FindKnown(uint64_t address) const {
  auto next = functions_.upper_bound(address);
  if (next == functions_.begin()) return {};
  --next;
  if (address >= next->second.end) return {};
  return Function{next->first, next->second.name};
}

// Reads the whole lines that have been added since the last time; false when there are none.
bool PerfMapFile::ReadNew() {
  const int descriptor = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return false;
  struct stat info;
  const uid_t owner = owner_ == static_cast<uid_t>(-1) ? geteuid() : owner_;
  std::string text;
  if (fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == owner) {
    const uint64_t size = std::min<uint64_t>(static_cast<uint64_t>(info.st_size), kMaxPerfMapBytes);
    if (size > read_bytes_) text.resize(size - read_bytes_);
    const ssize_t got = pread(descriptor, text.data(), text.size(), static_cast<off_t>(read_bytes_));
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  }
  close(descriptor);
  text.resize(text.rfind('\n') + 1);  // npos + 1 = 0: no whole line yet
  read_bytes_ += text.size();
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    Add(line);
    rest.remove_prefix(line.size() + 1);
  }
  return !text.empty();
}

void PerfMapFile::Add(std::string_view line) {
  uint64_t start, size;
  if (!TakeHex(&line, &start) || !TakeHex(&line, &size) || size == 0 || start + size < start) return;
  functions_[start] = {start + size, std::string(line)};
}

}  // namespace scalene::collector
