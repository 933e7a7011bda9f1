#include "advise/apply.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "advise/private_files.h"
#include "base/unique_fd.h"
#include "profile/outline.h"
#include "profile/source_text.h"

namespace scalene::advise {
namespace {

constexpr int kMostBackups = 1000;

Status Failed(const std::string& what) { return Status::Error(what + ": " + strerror(errno)); }

Result<std::string> ReadWhole(const std::string& path, mode_t& mode) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info;
  if (!fd.valid() || fstat(fd.get(), &info) != 0) return Failed("cannot read " + path);
  if (!S_ISREG(info.st_mode)) return Status::Error(path + " is no regular file");
  mode = info.st_mode & 07777;
  std::string text(static_cast<size_t>(info.st_size) + 1, '\0');
  size_t filled = 0;
  while (true) {
    const ssize_t got = read(fd.get(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("cannot read " + path);
    filled += static_cast<size_t>(got);
    if (got == 0 || filled == text.size()) break;
  }
  text.resize(filled);
  return text;
}

// app.py.bak, else app.py.bak2 …: an older copy is never written over.
Result<std::string> WriteBackup(const std::string& path, const std::string& text, mode_t mode) {
  for (int i = 1; i < kMostBackups; i++) {
    const std::string backup = path + ".bak" + (i == 1 ? "" : std::to_string(i));
    UniqueFd fd(open(backup.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd.valid() && errno == EEXIST) continue;
    if (!fd.valid()) return Failed("cannot write " + backup);
    if (Status status = WriteWhole(fd.get(), text, backup); !status.ok()) return status;
    return backup;
  }
  return Status::Error("there are too many copies of " + path);
}

bool Parses(const std::string& text) { return profile::Outline::Of(profile::SourceText::FromText(text)).parsed(); }

}  // namespace

std::string ProfiledText(const profile::File& file) {
  std::string text;
  for (const profile::Line& line : file.lines) text += line.text;
  return text;
}

std::string SyntaxTrouble(const std::string& before, const std::string& now) {
  return Parses(before) && !Parses(now) ? "the changed file would have a syntax error" : "";
}

Result<std::string> ApplyWithBackup(const std::string& path, const std::string& before, const std::string& now) {
  const std::string file = ResolvedLink(path);
  mode_t mode = 0;
  const Result<std::string> current = ReadWhole(file, mode);
  if (!current.ok()) return current.status();
  if (current.value() != before)
    return Status::Error(path + " is not what was profiled any more; profile it again first");
  if (const std::string trouble = SyntaxTrouble(before, now); !trouble.empty()) return Status::Error(trouble);
  Result<std::string> backup = WriteBackup(file, before, mode);
  if (!backup.ok()) return backup.status();
  if (Status status = ReplaceFile(file, now, mode); !status.ok()) return status;
  return backup;
}

}  // namespace scalene::advise
