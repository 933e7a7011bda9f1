#include "advise/private_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace scalene::advise {
namespace {

Status Failed(const std::string& what) { return Status::Error(what + ": " + strerror(errno)); }

}  // namespace

Status WriteWhole(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t put = write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return Failed("cannot write " + path);
    text.remove_prefix(static_cast<size_t>(put));
  }
  return {};
}

Status MakePrivateFolders(const std::string& folder) {
  for (size_t at = folder.find('/', 1);; at = folder.find('/', at + 1)) {
    const std::string part = folder.substr(0, at);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return Failed("cannot make the folder " + part);
    if (at == folder.npos) return {};
  }
}

Status ReplaceFile(const std::string& path, std::string_view text, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  UniqueFd fd(mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return Failed("cannot write beside " + path);
  Status status = WriteWhole(fd.get(), text, temporary);
  if (status.ok() && fchmod(fd.get(), mode) != 0) status = Failed("cannot write " + temporary);
  if (status.ok() && fsync(fd.get()) != 0) status = Failed("cannot write " + temporary);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) status = Failed("cannot replace " + path);
  if (!status.ok()) unlink(temporary.c_str());
  return status;
}

std::optional<std::string> ReadSmallFile(const std::string& path, size_t most_bytes) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (!fd.valid() || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  std::string text(most_bytes + 1, '\0');
  size_t filled = 0;
  for (ssize_t got = 1; got > 0 && filled < text.size();) {
    got = read(fd.get(), text.data() + filled, text.size() - filled);
    if (got < 0) return {};
    filled += static_cast<size_t>(got);
  }
  if (filled > most_bytes) return {};
  text.resize(filled);
  return text;
}

std::string ResolvedLink(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  if (!real) return path;
  std::string resolved = real;
  free(real);
  return resolved;
}

}  // namespace scalene::advise
