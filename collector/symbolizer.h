// Symbolizer: which module and function an address of a mapped file is in, and what kind of code that is.
//
// One for all profiled processes: a module is a file (device, inode, path), read once, however many processes map it.
// Modules are found as the process sees them (/proc/PID/root, /proc/PID/map_files for removed files); one that cannot be
// read has a path and no names. Functions of JITs come from /tmp/perf-PID.map when that file belongs to us.
// Threads: one owner; each module is read by a thread of its own, which has ended when its answers are used.
// Memory: names of the modules in which samples fell, nothing else.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "collector/code_region.h"
#include "collector/mappings.h"
#include "collector/symbol_table.h"

namespace scalene::collector {

// 0 is "no module": an address outside all files.
using ModuleId = uint32_t;
inline constexpr ModuleId kNoModule = 0;

struct CodeAddress {
  ModuleId module = kNoModule;
  uint64_t address = 0;  // as the file's symbols count; without a module, the process's own address
  CodeRegion region = CodeRegion::kUnknown;
};

struct SymbolName {
  std::string name;     // demangled; "" when unknown
  uint64_t offset = 0;  // from the start of the function
};

class Symbolizer {
 public:
  Symbolizer();
  ~Symbolizer();

  // Whether the answers about a mapping of process `pid` are there. They take a while, and the other functions wait for them.
  bool IsRead(pid_t pid, const Mapping& mapping);
  // `pc` lies in `mapping`, a mapping of process `pid`.
  CodeAddress Locate(pid_t pid, const Mapping& mapping, uint64_t pc);
  SymbolName NameOf(const CodeAddress& code);
  // The function at an address without a file, from the process's perf map.
  SymbolName NameOfGenerated(pid_t pid, uint64_t pc);

  const std::string& PathOf(ModuleId module) const;
  std::string BuildIdOf(ModuleId module) const;
  bool IsInterpreter(ModuleId module) const;

 private:
  struct Module;
  struct PerfMap;
  using ModuleKey = std::tuple<uint64_t, uint64_t, std::string>;  // device, inode, path
  ModuleId ModuleOf(pid_t pid, const Mapping& mapping);
  Module& ReadModule(ModuleId id) const;

  std::vector<std::unique_ptr<Module>> modules_;  // index: ModuleId
  std::map<ModuleKey, ModuleId> ids_;
  std::unordered_map<pid_t, std::unique_ptr<PerfMap>> perf_maps_;
};

// The name as its author wrote it: C++ demangled, the hash of Rust symbols and the optimiser's suffixes removed.
std::string Demangle(std::string_view symbol);

}  // namespace scalene::collector
