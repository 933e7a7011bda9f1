#include "collector/capture_reader.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace scalene::collector {
namespace {

constexpr size_t kInputBytes = 128 * 1024;
constexpr size_t kPlainBytes = 2 * (sizeof(CaptureEntry) + wire::kMaxRecordBytes);
constexpr int kMaxWindowLog = 23;  // 8 MiB; ours is 20, and a file that asks for gigabytes is refused

std::vector<std::string> WordsOf(const std::string& text) {
  std::vector<std::string> words;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\0', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace

void CaptureReader::FreeContext::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader::~CaptureReader() = default;

CaptureReader::CaptureReader(UniqueFd file, std::string name)
    : file_(std::move(file)),
      name_(std::move(name)),
      context_(ZSTD_createDCtx()),
      input_(kInputBytes),
      plain_(kPlainBytes) {}

Result<CaptureReader> CaptureReader::Open(const std::string& path) {
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid() && errno == ENOENT) return Status::Error("capture " + path + " not found.");
  if (!file.valid()) return Status::Error("cannot read " + path + ": " + std::strerror(errno));
  return Read(std::move(file), path);
}

Result<CaptureReader> CaptureReader::Read(UniqueFd file, std::string name) {
  CaptureReader reader(std::move(file), std::move(name));
  if (reader.context_ == nullptr) return Status::Error("no memory to read " + reader.name_);
  ZSTD_DCtx_setParameter(reader.context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  if (const Status status = reader.ReadHeader(); !status.ok()) return status;
  if (const Status status = reader.ReadCommand(); !status.ok()) return status;
  return reader;
}

Status CaptureReader::ReadHeader() {
  const Result<bool> complete = ReadPlain(&header_, sizeof header_);
  if (!complete.ok()) return complete.status();
  if (std::memcmp(header_.magic, kCaptureMagic, sizeof header_.magic) != 0) {
    return Status::Error(name_ + " is not a capture ('scalene run --capture FILE' makes one)");
  }
  if (!complete.value()) return Damaged("it ends inside its header");
  const auto expected = [this](const char* what, uint32_t ours, uint32_t theirs) {
    return Status::Error("the capture " + name_ + " has " + what + " of version " + std::to_string(theirs) +
                         ", and this scalene reads version " + std::to_string(ours));
  };
  if (header_.version != kCaptureVersion) return expected("a format", kCaptureVersion, header_.version);
  if (header_.wire_version != wire::kWireVersion) return expected("records", wire::kWireVersion, header_.wire_version);
  return {};
}

Status CaptureReader::ReadCommand() {
  if (header_.command_bytes > kMaxCommandBytes) return Damaged("its command cannot be so long");
  std::string text(header_.command_bytes, '\0');
  const Result<bool> complete = ReadPlain(text.data(), text.size());
  if (!complete.ok()) return complete.status();
  if (!complete.value()) return Damaged("it ends inside its command");
  command_ = WordsOf(text);
  return {};
}

Result<std::optional<CapturedRecord>> CaptureReader::Next() {
  using Record = std::optional<CapturedRecord>;
  Result<bool> complete = Decompress(sizeof(CaptureEntry));
  if (!complete.ok()) return complete.status();
  if (!complete.value() && at_hand() > 0 && frame_ended_) return Damaged("a record is cut off");
  if (!complete.value()) return Record();
  CaptureEntry entry;
  std::memcpy(&entry, plain_.data() + plain_begin_, sizeof entry);
  if (!IsPossibleRecordSize(entry.record_bytes))
    return Damaged("no record has " + std::to_string(entry.record_bytes) + " bytes");
  complete = Decompress(sizeof entry + entry.record_bytes);
  if (!complete.ok()) return complete.status();
  if (!complete.value() && frame_ended_) return Damaged("a record is cut off");
  if (!complete.value()) return Record();
  record_.resize(entry.record_bytes / 8);
  std::memcpy(record_.data(), plain_.data() + plain_begin_ + sizeof entry, entry.record_bytes);
  plain_begin_ += sizeof entry + entry.record_bytes;
  return Record({entry.pid, entry.image, {reinterpret_cast<const uint8_t*>(record_.data()), entry.record_bytes}});
}

Result<bool> CaptureReader::ReadPlain(void* to, size_t size) {
  auto* bytes = static_cast<uint8_t*>(to);
  while (size > 0) {
    if (const Status status = FillInput(); !status.ok()) return status;
    if (input_begin_ == input_end_) return false;
    const size_t taken = std::min(size, input_end_ - input_begin_);
    std::memcpy(bytes, input_.data() + input_begin_, taken);
    input_begin_ += taken;
    bytes += taken;
    size -= taken;
  }
  return true;
}

Result<bool> CaptureReader::Decompress(size_t size) {
  if (at_hand() < size && plain_begin_ > 0) {
    std::memmove(plain_.data(), plain_.data() + plain_begin_, at_hand());
    plain_end_ = at_hand();
    plain_begin_ = 0;
  }
  while (at_hand() < size && !frame_ended_) {
    if (const Status status = FillInput(); !status.ok()) return status;
    ZSTD_inBuffer in{input_.data(), input_end_, input_begin_};
    ZSTD_outBuffer out{plain_.data(), plain_.size(), plain_end_};
    const size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(left)) return Damaged(ZSTD_getErrorName(left));
    const bool stuck = in.pos == input_begin_ && out.pos == plain_end_;
    input_begin_ = in.pos;
    plain_end_ = out.pos;
    frame_ended_ = left == 0;
    if (stuck && file_ended_) break;
  }
  return at_hand() >= size;
}

Status CaptureReader::FillInput() {
  while (input_begin_ == input_end_ && !file_ended_) {
    const ssize_t count = read(file_.get(), input_.data(), input_.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Status::Error("cannot read " + name_ + ": " + std::strerror(errno));
    input_begin_ = 0;
    input_end_ = static_cast<size_t>(count);
    file_ended_ = count == 0;
  }
  return {};
}

}  // namespace scalene::collector
