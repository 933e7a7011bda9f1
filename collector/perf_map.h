// PerfMapFile: functions that a JIT has named in /tmp/perf-PID.map, one "START SIZE name" a line, numbers hexadecimal. CPython
// (-X perf), V8, .NET and the JVM's agents write it. The file grows while the program runs; a lookup that finds nothing
// reads what has been added. Anybody can write to /tmp: only a plain file of the process's own user is believed.
// Bounds: kMaxPerfMapBytes are read.  Threads: none.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace scalene::collector {

// 16 MiB: about 200,000 functions.
inline constexpr uint64_t kMaxPerfMapBytes = 16u << 20;

class PerfMapFile {
 public:
  struct Function {
    uint64_t start = 0;
    std::string name;
  };

  explicit PerfMapFile(pid_t pid);
  // For tests: a file of that name, which must belong to the owner of the test.
  explicit PerfMapFile(std::string path) : path_(std::move(path)) {}

  std::optional<Function> Find(uint64_t address);

 private:
  struct Entry {
    uint64_t end;
    std::string name;
  };
  std::optional<Function> FindKnown(uint64_t address) const;
  bool ReadNew();
  void Add(std::string_view line);

  std::string path_;
  uid_t owner_ = static_cast<uid_t>(-1);  // -1: our own user
  uint64_t read_bytes_ = 0;
  std::map<uint64_t, Entry> functions_;  // by start; a later line replaces an earlier one
};

}  // namespace scalene::collector
