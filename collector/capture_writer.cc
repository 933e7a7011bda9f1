#include "collector/capture_writer.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>

#include "collector/capture_format.h"

namespace scalene::collector {
namespace {

constexpr int kLevel = 3;       // records shrink to a fifth at a cost of 3 us each; higher levels gain little
constexpr int kWindowLog = 20;  // 1 MiB; keeps the compressor below 3 MiB
constexpr uint64_t kFlushNs = 1'000'000'000;

uint64_t ClockNs(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

std::string Cannot(const std::string& path, const std::string& why) {
  return "cannot write the capture " + path + ": " + why;
}

template <typename Struct>
std::span<const uint8_t> BytesOf(const Struct& value) {
  return {reinterpret_cast<const uint8_t*>(&value), sizeof value};
}

}  // namespace

void CaptureWriter::FreeContext::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

Result<std::unique_ptr<CaptureWriter>> CaptureWriter::Create(const std::string& path,
                                                             const std::vector<std::string>& command,
                                                             double interval_sec) {
  UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666));
  if (!file.valid()) return Status::Error(Cannot(path, std::strerror(errno)));
  std::unique_ptr<CaptureWriter> writer(new CaptureWriter(path, std::move(file)));
  if (writer->context_ == nullptr) return Status::Error(Cannot(path, "no memory"));
  writer->WriteHeader(command, interval_sec);
  if (!writer->status_.ok()) return writer->status_;
  return writer;
}

CaptureWriter::CaptureWriter(std::string path, UniqueFd file)
    : path_(std::move(path)), file_(std::move(file)), context_(ZSTD_createCCtx()), block_(ZSTD_CStreamOutSize()) {
  if (context_ == nullptr) return;
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, kWindowLog);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  flushed_ns_ = ClockNs(CLOCK_MONOTONIC);
}

CaptureWriter::~CaptureWriter() { (void)Close(); }

void CaptureWriter::WriteHeader(const std::vector<std::string>& command, double interval_sec) {
  std::string words;
  for (const std::string& word : command) words.append(word.c_str(), word.size() + 1);
  if (words.size() > kMaxCommandBytes) words.resize(kMaxCommandBytes);
  CaptureHeader header{};
  std::memcpy(header.magic, kCaptureMagic, sizeof header.magic);
  header.version = kCaptureVersion;
  header.wire_version = wire::kWireVersion;
  header.start_monotonic_ns = ClockNs(CLOCK_MONOTONIC);
  header.start_realtime_ns = static_cast<int64_t>(ClockNs(CLOCK_REALTIME));
  header.interval_ns = static_cast<uint64_t>(interval_sec * 1e9 + 0.5);
  header.command_bytes = static_cast<uint32_t>(words.size());
  WriteOut(BytesOf(header));
  WriteOut({reinterpret_cast<const uint8_t*>(words.data()), words.size()});
}

void CaptureWriter::Append(int32_t pid, uint32_t image, std::span<const uint8_t> record) {
  const CaptureEntry entry{static_cast<uint32_t>(record.size()), pid, image, 0};
  Compress(BytesOf(entry), ZSTD_e_continue);
  Compress(record, ZSTD_e_continue);
  anything_new_ = true;
}

void CaptureWriter::FlushIfDue() {
  const uint64_t now = ClockNs(CLOCK_MONOTONIC);
  if (!anything_new_ || now - flushed_ns_ < kFlushNs) return;
  Compress({}, ZSTD_e_flush);
  flushed_ns_ = now;
  anything_new_ = false;
}

Status CaptureWriter::Close() {
  Compress({}, ZSTD_e_end);
  file_.Reset();
  return status_;
}

// Takes all of `bytes`; with a flush or an end, leaves nothing in the compressor either.
void CaptureWriter::Compress(std::span<const uint8_t> bytes, int directive) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (bool done = false; usable() && !done;) {
    ZSTD_outBuffer out{block_.data(), block_.size(), 0};
    const size_t left = ZSTD_compressStream2(context_.get(), &out, &in, static_cast<ZSTD_EndDirective>(directive));
    if (ZSTD_isError(left)) return Fail(ZSTD_getErrorName(left));
    WriteOut({block_.data(), out.pos});
    done = directive == ZSTD_e_continue ? in.pos == in.size : left == 0;
  }
}

void CaptureWriter::WriteOut(std::span<const uint8_t> bytes) {
  while (usable() && !bytes.empty()) {
    const ssize_t written = write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(std::strerror(errno));
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

void CaptureWriter::Fail(const std::string& why) {
  if (status_.ok()) status_ = Status::Error(Cannot(path_, why));
}

}  // namespace scalene::collector
