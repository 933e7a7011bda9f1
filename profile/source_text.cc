#include "profile/source_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"
#include "profile/source_encoding.h"
#include "profile/utf8.h"

namespace scalene::profile {
namespace {

// 64 MiB: ten times the largest generated module we know of, and line starts stay within 32 bits.
constexpr uint64_t kMaxSourceBytes = 64u << 20;

Status Failed(const std::string& path, const std::string& why) {
  return Status::Error("cannot read " + path + ": " + why);
}

FileStamp StampFrom(const struct stat& info) {
  return {.mtime_ns = info.st_mtim.tv_sec * int64_t{1'000'000'000} + info.st_mtim.tv_nsec,
          .size = static_cast<uint64_t>(info.st_size),
          .inode = info.st_ino};
}

Status ReadAll(int fd, const std::string& path, uint64_t expected, std::string& bytes) {
  bytes.resize(expected + 1);  // one more, so that a file of the expected size ends the loop without growing
  size_t filled = 0;
  while (true) {
    const ssize_t got = read(fd, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed(path, std::strerror(errno));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    if (filled > kMaxSourceBytes) return Failed(path, "larger than 64 MiB");
    if (filled == bytes.size()) bytes.resize(bytes.size() * 2);
  }
  bytes.resize(filled);
  return {};
}

}  // namespace

Result<FileStamp> StampOf(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return Failed(path, std::strerror(errno));
  return StampFrom(info);
}

Result<SourceText> LoadSource(const std::string& path) {
  // Non-blocking, so that a FIFO under a source's name does not hold up the profile.
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info;
  if (!file.valid() || fstat(file.get(), &info) != 0) return Failed(path, std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return Failed(path, "not a regular file");
  if (static_cast<uint64_t>(info.st_size) > kMaxSourceBytes) return Failed(path, "larger than 64 MiB");

  std::string bytes;
  if (Status status = ReadAll(file.get(), path, static_cast<uint64_t>(info.st_size), bytes); !status.ok())
    return status;
  SourceText source;
  source.text_ = DecodeSource(std::move(bytes));
  source.stamp_ = StampFrom(info);
  source.SplitIntoLines();
  return source;
}

SourceText SourceText::FromText(std::string_view text) {
  SourceText source;
  source.text_ = ToValidUtf8(text);
  source.SplitIntoLines();
  return source;
}

SourceText SourceText::EmptyUpTo(int line) {
  SourceText source;
  source.text_.assign(static_cast<size_t>(std::max(line, 0)), '\n');
  source.SplitIntoLines();
  return source;
}

void SourceText::SplitIntoLines() {
  starts_.clear();
  size_t at = 0;
  while (at < text_.size()) {
    starts_.push_back(static_cast<uint32_t>(at));
    const size_t end = text_.find_first_of("\r\n", at);
    if (end == std::string::npos) break;
    at = end + 1;
    if (text_[end] == '\r' && at < text_.size() && text_[at] == '\n') ++at;
  }
}

std::string_view SourceText::Line(int line) const {
  if (line < 1 || line > line_count()) return {};
  const size_t start = starts_[line - 1];
  const size_t end = line < line_count() ? starts_[line] : text_.size();
  return std::string_view(text_).substr(start, end - start);
}

int SourceText::LineOfByte(size_t position) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), position);
  return std::max(static_cast<int>(after - starts_.begin()), 1);
}

uint64_t SourceText::Hash() const {
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char byte : text_) hash = (hash ^ byte) * 0x100000001b3u;
  return hash == 0 ? 1 : hash;
}

}  // namespace scalene::profile
