// SourceText: the text of one source, split into lines as Python's tokenizer splits them: "\n", "\r\n" and "\r" end a
// line, form feeds and Unicode separators do not. Lines keep their newline; the last one may have none.
//
// Invariants: text() is valid UTF-8 without a byte order mark, so every Line() is too. Line n is 1-based; a line that is
// not there is empty. A text that ends in a newline has no line after it.
// Threads: a value; no synchronisation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace scalene::profile {

// What tells whether a file changed: taken when it is loaded, compared when the profile is written.
struct FileStamp {
  int64_t mtime_ns = 0;
  uint64_t size = 0;
  uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};

Result<FileStamp> StampOf(const std::string& path);

class SourceText {
 public:
  SourceText() = default;

  // Text that somebody else read: captured from linecache or an audit event.
  static SourceText FromText(std::string_view text);
  // Blank lines 1..line, for a source that is nowhere to be found.
  static SourceText EmptyUpTo(int line);

  const std::string& text() const { return text_; }
  int line_count() const { return static_cast<int>(starts_.size()); }
  std::string_view Line(int line) const;
  // The line that holds this byte of text(); positions at or after the end belong to the last line.
  int LineOfByte(size_t position) const;
  // 64-bit FNV-1a of text(): the same on every machine. 0 is never a hash of a text.
  uint64_t Hash() const;
  // Of the file as it was read; all zero when there is none.
  const FileStamp& stamp() const { return stamp_; }

 private:
  friend Result<SourceText> LoadSource(const std::string& path);
  void SplitIntoLines();

  std::string text_;
  std::vector<uint32_t> starts_;  // byte at which each line starts
  FileStamp stamp_;
};

// Reads a file in whatever encoding it declares. Fails only when there is no regular file to read, or an absurd one.
Result<SourceText> LoadSource(const std::string& path);

}  // namespace scalene::profile
