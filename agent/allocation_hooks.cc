// The malloc family: every call goes on to the next allocator and is noted on the way.
//
// Order matters where threads meet at one address: a block's sample leaves the table before the block is freed, and enters
// it after the block was made.
// Signal-safe: as far as the next allocator.  Allocates: that is the point.  Locks: none, without a sample.  Runs on: any.
#include <errno.h>

#include "agent/live_blocks.h"
#include "agent/next_allocator.h"
#include "agent/thread_memory.h"

#define SCALENE_EXPORT extern "C" __attribute__((visibility("default")))

namespace scalene::agent {
namespace {

// The ways that are rarely taken; functions of their own, so that the other one saves no registers.
__attribute__((cold, noinline)) void* NotedOtherwise(void* block, size_t bytes) {
  if (!g_counts_memory || block == nullptr) return block;
  ThreadMemory& thread = t_memory;
  return NoteAllocation(thread, thread.by, block, bytes, HeldBytes(block));
}
__attribute__((cold, noinline)) void FreeAndPublish(void* block) {
  PublishFootprint(t_memory);
  g_next.free(block);
}
__attribute__((cold, noinline)) void FreeOtherwise(void* block) {
  if (g_counts_memory && block != nullptr) {
    if (MayBeSampled(block)) FreeLiveBlock(block);
    NoteFree(t_memory, t_memory.by, HeldBytes(block));
  }
  g_next.free(block);
}

inline void* Noted(void* block, size_t bytes) {
  if (__builtin_expect(!g_glibc_chunks, 0) || __builtin_expect(block == nullptr, 0))
    return NotedOtherwise(block, bytes);
  const size_t word = ChunkWord(block);
  if (__builtin_expect(IsMapped(word), 0)) return NotedOtherwise(block, bytes);
  ThreadMemory& thread = t_memory;
  return NoteAllocation(thread, thread.by, block, bytes, ChunkBytes(word));
}

// The size has changed: growth counts as an allocation, wherever the block lies now.
void NoteResize(void* block, size_t held_before, size_t bytes) {
  const size_t held = HeldBytes(block);
  ThreadMemory& thread = t_memory;
  if (held <= held_before) {
    NoteFree(thread, thread.by, held_before - held);
  } else {
    const size_t growth = held - held_before;
    NoteAllocation(thread, thread.by, block, growth < bytes ? growth : bytes, growth, 2);
  }
}

// A block that moved was copied; but for very large ones, whose pages are moved.
void NoteMove(size_t bytes) {
  constexpr size_t kPagesAreMoved = 1 << 25;  // glibc maps blocks of 32 MiB and more on their own, always
  ThreadMemory& thread = t_memory;
  if (bytes < kPagesAreMoved && (thread.copy_countdown -= static_cast<int64_t>(bytes)) < 0) TakeCopy(thread, bytes);
}

void* Resize(void* block, size_t bytes) {
  const size_t held = HeldBytes(block);
  const DetachedBlocks detached = MayBeSampled(block) ? DetachLiveBlock(block) : 0;
  void* resized = g_next.realloc(block, bytes);
  if (resized == nullptr && bytes == 0) {  // freed
    if (detached != 0) AttachLiveBlock(detached, block, 0);
    NoteFree(t_memory, t_memory.by, held);
    return nullptr;
  }
  void* now = resized != nullptr ? resized : block;
  if (resized != nullptr && resized != block) NoteMove(held < bytes ? held : bytes);
  if (detached != 0) AttachLiveBlock(detached, now, resized != nullptr ? bytes : held);
  if (resized != nullptr) NoteResize(resized, held, bytes);
  return resized;
}

}  // namespace
}  // namespace scalene::agent

using namespace scalene::agent;

SCALENE_EXPORT void* malloc(size_t bytes) { return Noted(g_next.malloc(bytes), bytes); }

SCALENE_EXPORT void free(void* block) {
  if (__builtin_expect(!g_glibc_chunks, 0) || __builtin_expect(block == nullptr, 0)) return FreeOtherwise(block);
  const size_t word = ChunkWord(block);
  if (__builtin_expect(IsMapped(word), 0) || __builtin_expect(MayBeSampled(block), 0)) return FreeOtherwise(block);
  if (GiveBack(t_memory, t_memory.by, ChunkBytes(word))) return FreeAndPublish(block);
  g_next.free(block);
}

SCALENE_EXPORT void* calloc(size_t count, size_t bytes) { return Noted(g_next.calloc(count, bytes), count * bytes); }

SCALENE_EXPORT void* realloc(void* block, size_t bytes) {
  if (!g_counts_memory) return g_next.realloc(block, bytes);
  if (block == nullptr) return Noted(g_next.realloc(nullptr, bytes), bytes);
  return Resize(block, bytes);
}

SCALENE_EXPORT void* reallocarray(void* block, size_t count, size_t bytes) {
  size_t whole = 0;
  if (__builtin_mul_overflow(count, bytes, &whole)) return g_next.reallocarray(block, count, bytes);  // it says why not
  return realloc(block, whole);
}

SCALENE_EXPORT void* memalign(size_t alignment, size_t bytes) {
  return Noted(g_next.memalign(alignment, bytes), bytes);
}

SCALENE_EXPORT void* aligned_alloc(size_t alignment, size_t bytes) {
  return Noted(g_next.aligned_alloc(alignment, bytes), bytes);
}

SCALENE_EXPORT int posix_memalign(void** block, size_t alignment, size_t bytes) {
  const int failed = g_next.posix_memalign(block, alignment, bytes);
  if (failed == 0) Noted(*block, bytes);
  return failed;
}

SCALENE_EXPORT void* valloc(size_t bytes) { return Noted(g_next.valloc(bytes), bytes); }
SCALENE_EXPORT void* pvalloc(size_t bytes) { return Noted(g_next.pvalloc(bytes), bytes); }
SCALENE_EXPORT size_t malloc_usable_size(void* block) { return g_next.malloc_usable_size(block); }
