#include "profile/module_finder.h"

#include <filesystem>
#include <system_error>

namespace scalene::profile {
namespace {

namespace fs = std::filesystem;

// Directories looked into per package, so that a package directory that is somebody's home ends the search.
constexpr int kMaxDirectoriesPerPackage = 2000;

// sys.builtin_module_names that all builds of 3.8 to 3.15 have. They are found before anything on sys.path.
constexpr std::string_view kAlwaysBuiltIn =
    "_abc _ast _codecs _collections _functools _imp _io _locale _operator _signal _sre _stat _string _symtable "
    "_thread _tracemalloc _warnings _weakref atexit builtins errno faulthandler gc itertools marshal posix pwd sys "
    "time";

// Modules of the standard library that are C in every build: some builds have them inside the interpreter (Debian's),
// others as files. Asked only when no file was found.
constexpr std::string_view kNativeWherever =
    "_asyncio _bisect _blake2 _bz2 _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw "
    "_contextvars _crypt _csv _ctypes _curses _curses_panel _datetime _dbm _decimal _elementtree _gdbm _hashlib "
    "_heapq _hmac _interpchannels _interpqueues _interpreters _json _lsprof _lzma _md5 _multibytecodec "
    "_multiprocessing _opcode _pickle _posixshmem _posixsubprocess _queue _random _remote_debugging _sha1 _sha2 "
    "_sha256 _sha3 _sha512 _socket _sqlite3 _ssl _statistics _struct _suggestions _sysconfig _tokenize _types "
    "_typing _uuid _xxsubinterpreters _zoneinfo _zstd array audioop binascii cmath fcntl grp math mmap nis "
    "ossaudiodev parser pyexpat readline resource select spwd syslog termios unicodedata zlib";

bool IsWordOf(std::string_view words, std::string_view name) {
  for (size_t at = words.find(name); at != std::string_view::npos; at = words.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return !name.empty();
  }
  return false;
}

}  // namespace

ModuleFinder::ModuleFinder(const PythonEnvironment& environment) {
  if (environment.minor > 0) {
    abi_tag_ = "cpython-3" + std::to_string(environment.minor) + (environment.free_threaded ? "t" : "");
  }
  for (const std::string& entry : environment.sys_path) {
    if (entry.starts_with('/')) path_.push_back(entry);
  }
}

ModuleKind ModuleFinder::Find(std::string_view dotted_name) {
  if (IsWordOf(kAlwaysBuiltIn, dotted_name)) return ModuleKind::kNative;
  const ModuleKind found = KindOf(FindDotted(path_, dotted_name));
  if (found == ModuleKind::kNotFound && IsWordOf(kNativeWherever, dotted_name)) return ModuleKind::kNative;
  return found;
}

ModuleKind ModuleFinder::FindIn(const std::string& directory, std::string_view dotted_name) {
  return KindOf(FindDotted({directory}, dotted_name));
}

ModuleFinder::Found ModuleFinder::FindDotted(std::vector<std::string> path, std::string_view dotted_name) {
  while (true) {
    const size_t dot = dotted_name.find('.');
    Found found = FindOn(path, std::string(dotted_name.substr(0, dot)));
    if (dot == std::string_view::npos) return found;
    if (found.package.empty()) return {};  // a plain module has no submodules on a path (os.path has its own way)
    path = std::move(found.package);
    dotted_name.remove_prefix(dot + 1);
  }
}

// As importlib's FileFinder: in each directory first a package, then extension modules, then source.
ModuleFinder::Found ModuleFinder::FindOn(const std::vector<std::string>& path, const std::string& name) {
  Found found;
  for (const std::string& directory : path) {
    const Listing& listing = List(directory);
    const std::string package = directory + "/" + name;
    const bool is_directory = listing.directories.contains(name);
    if (is_directory) {
      const Listing& inside = List(package);
      const bool regular = inside.sources.contains("__init__") || inside.extensions.contains("__init__");
      if (regular) return {ModuleKind::kPure, {package}};
    }
    if (listing.extensions.contains(name)) return {ModuleKind::kNative, {}};
    if (listing.sources.contains(name)) return {ModuleKind::kPure, {}};
    if (is_directory) found.package.push_back(package), found.kind = ModuleKind::kPure;
  }
  return found;
}

ModuleKind ModuleFinder::KindOf(const Found& found) {
  if (found.kind != ModuleKind::kPure) return found.kind;
  for (const std::string& package : found.package) {
    if (HoldsExtensions(package)) return ModuleKind::kNative;
  }
  return ModuleKind::kPure;
}

bool ModuleFinder::HoldsExtensions(const std::string& package) {
  const auto known = holds_extensions_.find(package);
  if (known != holds_extensions_.end()) return known->second;
  bool holds = false;
  std::vector<std::string> pending = {package};
  for (int looked_into = 0; !pending.empty() && !holds && looked_into < kMaxDirectoriesPerPackage; ++looked_into) {
    const std::string directory = std::move(pending.back());
    pending.pop_back();
    const Listing& listing = List(directory);
    holds = !listing.extensions.empty();
    for (const std::string& name : listing.directories) pending.push_back(directory + "/" + name);
  }
  return holds_extensions_[package] = holds;
}

const ModuleFinder::Listing& ModuleFinder::List(const std::string& directory) {
  const auto [at, is_new] = listings_.try_emplace(directory);
  Listing& listing = at->second;
  if (!is_new) return listing;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (std::string extension = ExtensionName(name); !extension.empty())
      listing.extensions.insert(std::move(extension));
    else if (name.ends_with(".py"))
      listing.sources.insert(name.substr(0, name.size() - 3));
    else if (name.ends_with(".pyc"))
      listing.sources.insert(name.substr(0, name.size() - 4));
    else if (name.find('.') == std::string::npos && name != "__pycache__" && entry->is_directory(ignored)) {
      listing.directories.insert(name);
    }
  }
  return listing;
}

std::string ModuleFinder::ExtensionName(std::string_view file) const {
  if (!file.ends_with(".so")) return {};
  file.remove_suffix(3);
  const size_t dot = file.find('.');
  if (dot == std::string_view::npos) return std::string(file);
  const std::string_view tag = file.substr(dot + 1);
  const bool ours =
      tag == "abi3" || (tag.starts_with("cpython-3") && (abi_tag_.empty() || tag.starts_with(abi_tag_ + "-")));
  return ours ? std::string(file.substr(0, dot)) : std::string();
}

}  // namespace scalene::profile
