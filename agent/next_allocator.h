// The allocator behind us: libc's, or one that the user preloads. It stays in charge; we only look on.
//
// It is found at the first call of any of its functions, which may be before our constructor and from within the loader.
// The pointers lead to that search until it has been made, so that later calls need not ask. While it runs, and it may
// allocate, a small static buffer serves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace scalene::agent {

struct NextAllocator {
  void* (*malloc)(size_t);
  void (*free)(void*);
  void* (*calloc)(size_t, size_t);
  void* (*realloc)(void*, size_t);
  void* (*memalign)(size_t, size_t);
  void* (*aligned_alloc)(size_t, size_t);
  int (*posix_memalign)(void**, size_t, size_t);
  void* (*valloc)(size_t);
  void* (*pvalloc)(size_t);
  void* (*reallocarray)(void*, size_t, size_t);
  size_t (*malloc_usable_size)(void*);
};
extern NextAllocator g_next __attribute__((visibility("hidden")));

// Memory is profiled, and the next allocator's chunks are glibc's and look as expected, so that a block's size is read where
// free reads it. Constant after load.
extern bool g_glibc_chunks __attribute__((visibility("hidden")));

// Checks for glibc's chunks with a few blocks, and finds out where the allocator's code lies.
// Signal-safe: no.  Allocates: yes, and frees.  Locks: the loader's.  Runs on: the loading thread.
void ExamineNextAllocator();

// Whether this code address belongs to the allocator itself, whose mappings hold what it hands out.
// Signal-safe: yes.  Allocates: no.  Locks: none.  Runs on: any thread.
bool IsAllocatorCode(const void* address);

// The word in front of a block of glibc's: its chunk's size, and flags.
inline size_t ChunkWord(const void* block) { return static_cast<const size_t*>(block)[-1]; }
inline bool IsMapped(size_t word) { return (word & 2) != 0; }
// Bytes that glibc holds for a block that is not mapped on its own.
inline size_t ChunkBytes(size_t word) { return (word & ~size_t{7}) - 8; }

// Bytes that the allocator holds for a block of its own.
inline size_t HeldBytes(void* block) {
  if (!g_glibc_chunks) return g_next.malloc_usable_size(block);
  const size_t word = ChunkWord(block);
  return ChunkBytes(word) - (IsMapped(word) ? 8 : 0);
}

}  // namespace scalene::agent
