// CaptureWriter: keeps the raw records of a run in a file (capture_format.h), compressed while they come.
//
// Memory: bounded (a zstd window and one block of output), whatever the length of the run.
// Errors: the first failed write ends the capture, never the run; Close says it. What was written stays readable.
// Threads: one owner.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/unique_fd.h"

struct ZSTD_CCtx_s;

namespace scalene::collector {

class CaptureWriter {
 public:
  // Replaces the file.
  static Result<std::unique_ptr<CaptureWriter>> Create(const std::string& path, const std::vector<std::string>& command,
                                                       double interval_sec);
  // Ends the file, as Close does.
  ~CaptureWriter();

  void Append(int32_t pid, uint32_t image, std::span<const uint8_t> record);
  // To be called often: about once a second writes out what has been appended since.
  void FlushIfDue();
  // Ends the file. The first thing that went wrong since Create; later calls say the same.
  Status Close();

 private:
  struct FreeContext {
    void operator()(ZSTD_CCtx_s* context) const;
  };

  CaptureWriter(std::string path, UniqueFd file);
  void WriteHeader(const std::vector<std::string>& command, double interval_sec);
  void Compress(std::span<const uint8_t> bytes, int directive);
  void WriteOut(std::span<const uint8_t> bytes);
  void Fail(const std::string& why);
  bool usable() const { return file_.valid() && status_.ok(); }

  std::string path_;
  UniqueFd file_;  // until Close
  std::unique_ptr<ZSTD_CCtx_s, FreeContext> context_;
  std::vector<uint8_t> block_;  // compressed, being written
  uint64_t flushed_ns_ = 0;     // CLOCK_MONOTONIC of the last flush
  bool anything_new_ = false;   // since then
  Status status_;
};

}  // namespace scalene::collector
