// RemoteMemory: the memory of another process, read with process_vm_readv. Reads by page and keeps the pages until Forget,
// since the frames of a stack lie close together and a system call costs more than a page.
//
// What it gives is true of one moment only if the thread that owns it stood still: that is for the caller to prove.
// Threads: one owner.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "base/cpython/frame_walker.h"

namespace scalene::collector {

class RemoteMemory {
 public:
  explicit RemoteMemory(pid_t pid) : pid_(pid) {}

  // Past the kept pages. False: not all of it could be read.
  bool ReadNow(uint64_t address, void* into, size_t size);
  // Through the kept pages.
  bool Read(uint64_t address, void* into, size_t size);
  template <typename T>
  bool Load(uint64_t address, T* value) {
    return Read(address, value, sizeof *value);
  }
  // A Memory for base/cpython/frame_walker.h.
  const uint8_t* View(cpython::Slot slot, uint64_t address, size_t size, cpython::Trust trust);

  void Forget() { ++generation_; }
  // The last read failed for want of permission, not of memory.
  bool refused() const { return refused_; }

 private:
  static constexpr size_t kPage = 4096, kPages = 64;  // more than a stack of 100 frames touches
  struct Page {
    uint64_t number = ~0ull, generation = 0;
    std::array<uint8_t, kPage> bytes;
  };
  const Page* PageAt(uint64_t number);

  const pid_t pid_;
  uint64_t generation_ = 1;
  bool refused_ = false;
  std::array<Page, kPages> pages_;
  std::array<std::array<uint8_t, 512>, 4> slots_;
};

}  // namespace scalene::collector
