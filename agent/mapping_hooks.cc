// Anonymous mappings that the program makes itself. Those of allocators are not counted: what they hand out is.
// A mapping counts when it can be written; reservations do not.
// Signal-safe: yes, without a sample.  Allocates: by mmap, that is the point.  Locks: bounded.  Runs on: any thread.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>

#include "agent/live_blocks.h"
#include "agent/mapped_regions.h"
#include "agent/next_allocator.h"
#include "agent/syscalls.h"
#include "agent/thread_memory.h"

#define SCALENE_EXPORT extern "C" __attribute__((visibility("default")))

namespace scalene::agent {
namespace {

constexpr size_t kPage = 4096;
size_t WholePages(size_t bytes) { return (bytes + kPage - 1) & ~(kPage - 1); }

void* MapResult(long result) {
  if (result >= 0 || result < -4095) return reinterpret_cast<void*>(result);
  errno = static_cast<int>(-result);
  return MAP_FAILED;
}

bool Counts(const void* caller, int protection, int flags) {
  return g_counts_memory && (flags & MAP_ANONYMOUS) != 0 && (protection & PROT_WRITE) != 0 && t_memory.muted == 0 &&
         !IsAllocatorCode(caller);
}

void NoteMapping(void* start, size_t bytes) {
  if (!AddRegion(start, WholePages(bytes))) return;
  NoteAllocation(t_memory, kByNative, start, bytes, WholePages(bytes));
}

// Pages that go away; those that were never counted change nothing.
void NoteUnmapping(void* start, size_t bytes) {
  if (!g_counts_memory || !HasRegions()) return;
  const RemovedPages removed = RemoveRegion(start, WholePages(bytes));
  if (removed.bytes == 0) return;
  if (MayBeSampled(removed.region)) {
    const DetachedBlocks detached = DetachLiveBlock(removed.region);
    if (detached != 0) AttachLiveBlock(detached, removed.rest, removed.rest_bytes);
  }
  NoteFree(t_memory, kByNative, removed.bytes);
}

void* Map(const void* caller, void* at, size_t bytes, int protection, int flags, int fd, long offset) {
  if ((flags & MAP_FIXED) != 0) NoteUnmapping(at, bytes);
  void* start = MapResult(RawSyscall(SYS_mmap, AsWord(at), static_cast<long>(bytes), protection, flags, fd, offset));
  if (start != MAP_FAILED && Counts(caller, protection, flags)) NoteMapping(start, bytes);
  return start;
}

}  // namespace
}  // namespace scalene::agent

using namespace scalene::agent;

SCALENE_EXPORT void* mmap(void* at, size_t bytes, int protection, int flags, int fd, off_t offset) noexcept {
  return Map(__builtin_return_address(0), at, bytes, protection, flags, fd, offset);
}
SCALENE_EXPORT void* mmap64(void* at, size_t bytes, int protection, int flags, int fd, off64_t offset) noexcept {
  return Map(__builtin_return_address(0), at, bytes, protection, flags, fd, offset);
}

SCALENE_EXPORT int munmap(void* start, size_t bytes) noexcept {
  NoteUnmapping(start, bytes);
  const long failed = RawSyscall(SYS_munmap, AsWord(start), static_cast<long>(bytes));
  if (failed == 0) return 0;
  errno = static_cast<int>(-failed);
  return -1;
}

SCALENE_EXPORT void* mremap(void* start, size_t bytes, size_t new_bytes, int flags, ...) noexcept {
  va_list list;
  va_start(list, flags);
  void* to = (flags & MREMAP_FIXED) != 0 ? va_arg(list, void*) : nullptr;
  va_end(list);
  const bool counted = g_counts_memory && IsRegion(start, WholePages(bytes));
  void* moved = MapResult(
      RawSyscall(SYS_mremap, AsWord(start), static_cast<long>(bytes), static_cast<long>(new_bytes), flags, AsWord(to)));
  if (moved == MAP_FAILED || !counted) return moved;
  NoteUnmapping(start, bytes);
  NoteMapping(moved, new_bytes);
  return moved;
}
