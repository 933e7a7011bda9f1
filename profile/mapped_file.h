// MappedFile: a large file as the kernel holds it, with zeros behind it. Nothing is copied and no memory is touched for the
// first time, which costs more than reading the text itself.
//
// Somebody may cut the file off while it is mapped: what is missing then reads as zeros, like the end of the text.
// Threads: made and ended by one thread at a time; readers on any.
#pragma once

#include <cstddef>
#include <string_view>

namespace scalene::profile {

class MappedFile {
 public:
  MappedFile() = default;
  // Empty where the file cannot be mapped, or while another one is.
  MappedFile(int descriptor, size_t size);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;

  std::string_view text() const { return {begin_, size_}; }

 private:
  char* begin_ = nullptr;
  size_t size_ = 0;
};

}  // namespace scalene::profile
