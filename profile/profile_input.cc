#include "profile/profile_input.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace scalene::profile {
namespace {

constexpr size_t kBlock = size_t{1} << 20;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kCaptureMagic = "\x89scalene";  // collector/capture_format.h
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Status Trouble(const std::string& why) { return Status::Error("error reading profile: " + why); }

// The descriptor of an input, closed at the end unless it is stdin.
class InputFile {
 public:
  explicit InputFile(const std::string& path)
      : own_(path != "-"), descriptor_(own_ ? open(path.c_str(), O_RDONLY | O_CLOEXEC) : STDIN_FILENO) {}
  ~InputFile() {
    if (own_ && descriptor_ >= 0) close(descriptor_);
  }
  InputFile(const InputFile&) = delete;
  int descriptor() const { return descriptor_; }

  // How many bytes are to be expected; a guess for pipes.
  size_t SizeHint() const { return std::max(RegularSize() + 1, kBlock); }
  // 0 for what is no regular file.
  size_t RegularSize() const {
    struct stat info;
    return fstat(descriptor_, &info) == 0 && S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) : 0;
  }

 private:
  bool own_;
  int descriptor_;
};

Status ReadAll(int descriptor, size_t expected, PaddedText& out) {
  while (true) {
    const size_t room = std::max(kBlock, expected - std::min(expected, out.text().size()));
    const ssize_t got = read(descriptor, out.Room(room), room);
    if (got == 0) return {};
    if (got > 0) out.Grow(static_cast<size_t>(got));
    if (got < 0 && errno != EINTR) return Trouble(strerror(errno));
  }
}

// A large file as it lies in the kernel's memory; empty for anything else.
MappedFile MapLarge(const InputFile& file) {
  constexpr size_t kLarge = size_t{32} << 20;
  const size_t size = file.RegularSize();
  const bool whole = size >= kLarge && lseek(file.descriptor(), 0, SEEK_CUR) == 0;
  return whole ? MappedFile(file.descriptor(), size) : MappedFile();
}

// All members of a gzip stream, one after the other.
Result<PaddedText> Inflate(std::string_view compressed) {
  PaddedText out;
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return Trouble("not enough memory to decompress");
  int state = Z_OK;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  size_t left = compressed.size();
  do {
    const auto feed = static_cast<uInt>(std::min(left, size_t{1} << 30));  // zlib counts in 32 bits
    stream.avail_in = feed;
    stream.next_out = reinterpret_cast<Bytef*>(out.Room(kBlock));
    stream.avail_out = kBlock;
    state = inflate(&stream, Z_NO_FLUSH);
    left -= feed - stream.avail_in;
    out.Grow(kBlock - stream.avail_out);
    if (state == Z_STREAM_END && left > 0) state = inflateReset(&stream);
  } while (state == Z_OK);
  inflateEnd(&stream);
  if (state == Z_STREAM_END) return out;
  return Trouble(left == 0 || state == Z_BUF_ERROR ? "the compressed file is cut off"
                                                   : "the compressed file is damaged");
}

// A profile of 500 MB touches 120,000 pages of the usual size, each at the cost of a fault.
void WantHugePages(char* memory, size_t size) {
  constexpr uintptr_t kHuge = uintptr_t{1} << 21;
  const auto begin = (reinterpret_cast<uintptr_t>(memory) + kHuge - 1) / kHuge * kHuge;
  const auto end = (reinterpret_cast<uintptr_t>(memory) + size) / kHuge * kHuge;
  if (begin + kHuge <= end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

Status CannotOpen(const std::string& path) {
  if (errno == ENOENT || errno == ENOTDIR) return Status::Error("profile file '" + path + "' not found.");
  return Trouble("cannot open " + path + ": " + strerror(errno));
}

}  // namespace

PaddedText::PaddedText(std::string_view text) {
  std::copy(text.begin(), text.end(), Room(text.size()));
  Grow(text.size());
}

char* PaddedText::Room(size_t more) {
  if (size_ + more + kPadding > capacity_) {
    const size_t wanted = std::max(size_ + more + kPadding, capacity_ + capacity_ / 2);
    char* moved = static_cast<char*>(realloc(bytes_.get(), wanted));
    if (!moved) throw std::bad_alloc();
    (void)bytes_.release();  // realloc has taken it
    bytes_.reset(moved);
    capacity_ = wanted;
    WantHugePages(moved, wanted);
  }
  return bytes_.get() + size_;
}

void PaddedText::Grow(size_t by) {
  size_ += by;
  memset(bytes_.get() + size_, 0, kPadding);
}

Result<PaddedText> ReadInput(const std::string& path) {
  const InputFile file(path);
  if (file.descriptor() < 0) return CannotOpen(path);
  PaddedText text(MapLarge(file));
  if (text.text().empty()) {
    if (Status read = ReadAll(file.descriptor(), file.SizeHint(), text); !read.ok()) return read;
  }
  if (text.text().starts_with(kGzipMagic)) return Inflate(text.text());
  if (text.text().starts_with(kCaptureMagic))
    return Status::Error(path + " holds raw records, not a profile; to read them: scalene dump " + path);
  if (text.text().starts_with(kByteOrderMark)) return PaddedText(text.text().substr(kByteOrderMark.size()));
  return text;
}

}  // namespace scalene::profile
