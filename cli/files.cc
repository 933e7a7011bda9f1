#include "cli/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

namespace scalene::cli {
namespace {

Trouble CannotRead(const std::string& path, int error) {
  return {kExitUsage, "cannot read " + path + ": " + strerror(error)};
}

// Reads up to `limit` bytes from an open descriptor and closes it. The errno of a failure, or 0.
int ReadAndClose(int fd, size_t limit, std::string& text) {
  int error = 0;
  char block[16384];
  while (text.size() < limit) {
    ssize_t got = read(fd, block, std::min(sizeof block, limit - text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    text.append(block, static_cast<size_t>(got));
  }
  close(fd);
  return error;
}

bool HasMode(const std::string& path, mode_t type) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && (status.st_mode & S_IFMT) == type;
}

}  // namespace

Outcome<std::optional<std::string>> ReadSmallFile(const std::string& path, size_t limit) {
  if (IsDirectory(path)) return CannotRead(path, EISDIR);
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::optional<std::string>();
  if (fd < 0) return CannotRead(path, errno);
  std::string text;
  if (int error = ReadAndClose(fd, limit + 1, text)) return CannotRead(path, error);
  if (text.size() > limit) return CannotRead(path, EFBIG);
  return std::optional(std::move(text));
}

std::string ReadBeginning(const std::string& path, size_t count) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return "";
  std::string text;
  ReadAndClose(fd, count, text);
  return text;
}

bool IsDirectory(const std::string& path) { return HasMode(path, S_IFDIR); }

bool IsRegularFile(const std::string& path) { return HasMode(path, S_IFREG); }

bool IsExecutableFile(const std::string& path) {
  return IsRegularFile(path) && faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

std::string FindOnPath(const std::string& name, std::string_view path_variable) {
  if (name.empty()) return "";
  if (name.find('/') != name.npos) return IsExecutableFile(name) ? name : "";
  while (true) {
    size_t colon = path_variable.find(':');
    std::string directory(path_variable.substr(0, colon));
    std::string path = (directory.empty() ? "." : directory) + "/" + name;
    if (IsExecutableFile(path)) return path;
    if (colon == path_variable.npos) return "";
    path_variable.remove_prefix(colon + 1);
  }
}

std::string WorkingDirectory() {
  std::unique_ptr<char, decltype(&free)> directory(getcwd(nullptr, 0), &free);
  return directory && directory.get()[0] == '/' ? directory.get() : "";
}

std::string AbsolutePath(const std::string& path, const std::string& working_directory) {
  std::filesystem::path absolute = std::filesystem::path(working_directory) / path;
  std::string text = absolute.lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string ResolvedPath(const std::string& path) {
  std::unique_ptr<char, decltype(&free)> resolved(realpath(path.c_str(), nullptr), &free);
  return resolved ? resolved.get() : path;
}

std::string DirectoryOf(const std::string& path) {
  size_t slash = path.find_last_of('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string BaseNameOf(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::vector<std::string> NamesIn(const std::string& directory, size_t limit) {
  std::vector<std::string> names;
  struct Closer {
    void operator()(DIR* open_directory) const { closedir(open_directory); }
  };
  std::unique_ptr<DIR, Closer> stream(opendir(directory.c_str()));
  if (!stream) return names;
  while (dirent* entry = readdir(stream.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
    if (names.size() >= limit) break;
  }
  return names;
}

std::string DirectoryOfThisExecutable() {
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? DirectoryOf(std::string(path, static_cast<size_t>(length))) : "";
}

}  // namespace scalene::cli
