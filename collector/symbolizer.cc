#include "collector/symbolizer.h"

#include <cxxabi.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <optional>
#include <system_error>

#include "collector/perf_map.h"

namespace scalene::collector {
namespace {

std::string BaseName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool IsLoaderName(const std::string& name) {
  return name.starts_with("ld-linux") || name.starts_with("ld-musl") || name.starts_with("ld64.so") ||
         (name.starts_with("ld-2.") && name.ends_with(".so"));
}

bool IsLibcName(const std::string& name) {
  return name.starts_with("libc.so") || name.starts_with("libc-2.") || name.starts_with("libc.musl-") ||
         name.starts_with("libpthread.so") || name.starts_with("libpthread-2.");
}

CodeRegion RegionOfModuleNamed(const std::string& name) {
  // Our own hooks around the interpreter's allocators are part of the work that they look on at.
  if (IsLoaderName(name) || name == "libscalene_agent.so") return CodeRegion::kLoader;
  return IsLibcName(name) ? CodeRegion::kLibc : CodeRegion::kOtherModule;
}

bool IsSameFile(const std::string& path, uint64_t inode) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && info.st_ino == inode;
}

// Opens the mapped file itself, not what has taken its place. Devices are not compared: overlay file systems report
// another one in maps than in stat.
Result<ElfFile> OpenMapped(pid_t pid, const Mapping& mapping) {
  const std::string process = "/proc/" + std::to_string(pid);
  for (const std::string& path : {process + "/root" + mapping.path, mapping.path}) {
    if (!mapping.deleted && IsSameFile(path, mapping.inode)) return ElfFile::Open(path);
  }
  char range[48];
  snprintf(range, sizeof range, "/map_files/%lx-%lx", static_cast<unsigned long>(mapping.start),
           static_cast<unsigned long>(mapping.end));
  return ElfFile::Open(process + range);
}

// Legacy Rust symbols demangle as C++ and end in "::h" and 16 hexadecimal digits.
void RemoveRustHash(std::string* name) {
  constexpr size_t kHashSize = 19;
  if (name->size() <= kHashSize || name->compare(name->size() - kHashSize, 3, "::h") != 0) return;
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (std::all_of(name->end() - 16, name->end(), is_hex)) name->resize(name->size() - kHashSize);
}

}  // namespace

std::string Demangle(std::string_view symbol) {
  const std::string plain(WithoutCompilerSuffix(symbol));
  if (!plain.starts_with("_Z")) return plain;
  int status = 0;
  char* demangled = abi::__cxa_demangle(plain.c_str(), nullptr, nullptr, &status);
  if (demangled == nullptr) return plain;
  std::string name = demangled;
  std::free(demangled);
  RemoveRustHash(&name);
  return name;
}

struct Symbolizer::Module {
  std::string path;
  std::string build_id;
  CodeRegion region = CodeRegion::kOtherModule;
  std::vector<ElfSegment> segments;
  SymbolTable symbols;
  InterpreterRegions interpreter;
  std::future<void> reading;  // until the members above may be used

  bool IsRead() const {
    return !reading.valid() || reading.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  void WaitUntilRead() {
    if (reading.valid()) reading.get();
  }
  // An interpreter's code takes a tenth of a second, for which nobody would look at what waits.
  void StartReading(ElfFile file) {
    const auto shared = std::make_shared<ElfFile>(std::move(file));
    try {
      reading = std::async(std::launch::async, [this, shared] { Read(*shared); });
    } catch (const std::system_error&) {  // no thread to be had
      Read(*shared);
    }
  }
  void Read(const ElfFile& file) {
    build_id = file.BuildId();
    segments = file.segments();
    symbols = SymbolTable::Of(file);
    interpreter = InterpreterRegions::Of(file, symbols);
  }
};

struct Symbolizer::PerfMap {
  explicit PerfMap(pid_t pid) : file(pid) {}
  PerfMapFile file;
};

Symbolizer::Symbolizer() { modules_.push_back(std::make_unique<Module>()); }
Symbolizer::~Symbolizer() = default;

ModuleId Symbolizer::ModuleOf(pid_t pid, const Mapping& mapping) {
  const auto [found, is_new] = ids_.try_emplace({mapping.device, mapping.inode, mapping.path}, kNoModule);
  if (!is_new) return found->second;
  auto module = std::make_unique<Module>();
  module->path = mapping.path;
  module->region = RegionOfModuleNamed(BaseName(mapping.path));
  Result<ElfFile> file = OpenMapped(pid, mapping);
  if (file.ok()) module->StartReading(std::move(file).value());
  found->second = static_cast<ModuleId>(modules_.size());
  modules_.push_back(std::move(module));
  return found->second;
}

bool Symbolizer::IsRead(pid_t pid, const Mapping& mapping) {
  const bool is_file = mapping.kind != MappingKind::kVdso && mapping.kind != MappingKind::kAnonymous;
  return !is_file || modules_[ModuleOf(pid, mapping)]->IsRead();
}

Symbolizer::Module& Symbolizer::ReadModule(ModuleId id) const {
  modules_[id]->WaitUntilRead();
  return *modules_[id];
}

CodeAddress Symbolizer::Locate(pid_t pid, const Mapping& mapping, uint64_t pc) {
  if (mapping.kind == MappingKind::kVdso) return {kNoModule, pc, CodeRegion::kVdso};
  if (mapping.kind == MappingKind::kAnonymous) return {kNoModule, pc, CodeRegion::kAnonymous};
  CodeAddress code;
  code.module = ModuleOf(pid, mapping);
  const Module& module = ReadModule(code.module);
  code.address = AddressOfFileOffset(module.segments, mapping.FileOffsetOf(pc)).value_or(mapping.FileOffsetOf(pc));
  code.region = module.interpreter.empty() ? module.region : module.interpreter.At(code.address);
  return code;
}

SymbolName Symbolizer::NameOf(const CodeAddress& code) {
  const auto function = ReadModule(code.module).symbols.Find(code.address);
  if (!function || function->name.empty()) return {};
  return {Demangle(function->name), code.address - function->start};
}

SymbolName Symbolizer::NameOfGenerated(pid_t pid, uint64_t pc) {
  std::unique_ptr<PerfMap>& map = perf_maps_[pid];
  if (map == nullptr) map = std::make_unique<PerfMap>(pid);
  const auto function = map->file.Find(pc);
  if (!function) return {};
  return {function->name, pc - function->start};
}

const std::string& Symbolizer::PathOf(ModuleId module) const { return modules_[module]->path; }
std::string Symbolizer::BuildIdOf(ModuleId module) const { return ReadModule(module).build_id; }
bool Symbolizer::IsInterpreter(ModuleId module) const { return !ReadModule(module).interpreter.empty(); }

}  // namespace scalene::collector
