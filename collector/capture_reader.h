// CaptureReader: the records of a capture file (capture_format.h), one after the other.
//
// Nothing in the file is believed: sizes are checked before use, and a damaged file ends in a sentence that says so. What
// is inside a record is for wire/decoder.h, which believes nothing either.
// Memory: bounded, whatever the file says. Threads: one owner.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/unique_fd.h"
#include "collector/capture_format.h"

struct ZSTD_DCtx_s;

namespace scalene::collector {

struct CapturedRecord {
  int32_t pid = 0;
  uint32_t image = 0;
  std::span<const uint8_t> bytes;  // aligned to 8; until the next call
};

class CaptureReader {
 public:
  static Result<CaptureReader> Open(const std::string& path);
  // The same for a file that is open already; `name` stands in messages.
  static Result<CaptureReader> Read(UniqueFd file, std::string name);
  CaptureReader(CaptureReader&&) noexcept;
  ~CaptureReader();

  const CaptureHeader& header() const { return header_; }
  const std::vector<std::string>& command() const { return command_; }

  // The next record. Nothing: the end, and then ends_early() says whether its writer was killed.
  Result<std::optional<CapturedRecord>> Next();
  bool ends_early() const { return !frame_ended_; }

 private:
  struct FreeContext {
    void operator()(ZSTD_DCtx_s* context) const;
  };

  CaptureReader(UniqueFd file, std::string name);
  Status ReadHeader();
  Status ReadCommand();
  // Exactly `size` bytes of the file; false: it ends before.
  Result<bool> ReadPlain(void* to, size_t size);
  // At least `size` decompressed bytes at hand; false: the capture ends before.
  Result<bool> Decompress(size_t size);
  Status FillInput();
  Status Damaged(const std::string& how) const { return Status::Error("the capture " + name_ + " is damaged: " + how); }
  size_t at_hand() const { return plain_end_ - plain_begin_; }

  UniqueFd file_;
  std::string name_;
  std::unique_ptr<ZSTD_DCtx_s, FreeContext> context_;
  CaptureHeader header_{};
  std::vector<std::string> command_;
  std::vector<uint8_t> input_;  // compressed bytes; [input_begin_, input_end_) are still to be decompressed
  size_t input_begin_ = 0, input_end_ = 0;
  bool file_ended_ = false, frame_ended_ = false;
  std::vector<uint8_t> plain_;  // decompressed bytes; [plain_begin_, plain_end_) are still to be read
  size_t plain_begin_ = 0, plain_end_ = 0;
  std::vector<uint64_t> record_;
};

}  // namespace scalene::collector
