// The bytes of a profile file in one piece, with zeros behind them that the fast JSON parser may look into.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "profile/mapped_file.h"

namespace scalene::profile {

class PaddedText {
 public:
  static constexpr size_t kPadding = 64;

  PaddedText() = default;
  explicit PaddedText(std::string_view text);
  explicit PaddedText(MappedFile file) : file_(std::move(file)) {}

  std::string_view text() const { return bytes_ ? std::string_view(bytes_.get(), size_) : file_.text(); }
  // Makes room for `more` bytes behind the text and returns where they go; Grow says how many came.
  char* Room(size_t more);
  void Grow(size_t by);

 private:
  struct Free {
    void operator()(char* bytes) const { free(bytes); }  // NOLINT: from realloc
  };
  std::unique_ptr<char, Free> bytes_;
  size_t size_ = 0, capacity_ = 0;
  MappedFile file_;  // in place of bytes_
};

// A file, or stdin for "-"; decompressed if it is a gzip stream, whatever its name.
Result<PaddedText> ReadInput(const std::string& path);

}  // namespace scalene::profile
