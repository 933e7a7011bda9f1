#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "agent/next_allocator.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>

#include <atomic>

namespace scalene::agent {
namespace {

// Serves while the search runs. Never given back: a few blocks of the loader.
alignas(16) uint8_t g_early[32 * 1024];
std::atomic<uint32_t> g_early_used{0};
std::atomic<bool> g_searching{false};

bool IsEarly(const void* block) { return block >= g_early && block < g_early + sizeof g_early; }

void* EarlyBlock(size_t bytes, size_t alignment = 16) {
  const uint32_t wanted = static_cast<uint32_t>(bytes + alignment + 31) & ~15u;
  const uint32_t at = g_early_used.fetch_add(wanted, std::memory_order_relaxed);
  if (bytes > sizeof g_early || at + wanted > sizeof g_early) return nullptr;
  const auto start = reinterpret_cast<uintptr_t>(g_early) + at + 16;
  const uintptr_t aligned = (start + alignment - 1) & ~(alignment - 1);
  reinterpret_cast<size_t*>(aligned)[-1] = bytes;
  return reinterpret_cast<void*>(aligned);
}
size_t EarlyBytes(const void* block) { return static_cast<const size_t*>(block)[-1]; }

void Search();
void (*g_real_free)(void*) = nullptr;
void* (*g_real_realloc)(void*, size_t) = nullptr;
size_t (*g_real_usable_size)(void*) = nullptr;

// The first calls. Within the search they are served from the early buffer, otherwise they make it.
bool Serving() {
  if (g_searching.load(std::memory_order_relaxed)) return true;
  Search();
  return false;
}
void* FirstMalloc(size_t bytes) { return Serving() ? EarlyBlock(bytes) : g_next.malloc(bytes); }
void FirstFree(void* block) {
  if (IsEarly(block) || block == nullptr || Serving()) return;
  g_next.free(block);
}
void* FirstCalloc(size_t count, size_t bytes) {  // the buffer is zero, and never used twice
  return Serving() ? EarlyBlock(count * bytes) : g_next.calloc(count, bytes);
}
void* MoveEarly(void* block, size_t bytes) {
  void* moved = g_searching.load(std::memory_order_relaxed) ? EarlyBlock(bytes) : g_next.malloc(bytes);
  const size_t kept = EarlyBytes(block) < bytes ? EarlyBytes(block) : bytes;
  if (moved != nullptr) __builtin_memcpy(moved, block, kept);
  return moved;
}
void* FirstRealloc(void* block, size_t bytes) {
  if (block == nullptr) return g_next.malloc(bytes);
  if (IsEarly(block)) return MoveEarly(block, bytes);
  return Serving() ? nullptr : g_next.realloc(block, bytes);
}
void* FirstMemalign(size_t alignment, size_t bytes) {
  return Serving() ? EarlyBlock(bytes, alignment) : g_next.memalign(alignment, bytes);
}
void* FirstAlignedAlloc(size_t alignment, size_t bytes) {
  return Serving() ? EarlyBlock(bytes, alignment) : g_next.aligned_alloc(alignment, bytes);
}
int FirstPosixMemalign(void** block, size_t alignment, size_t bytes) {
  if (!Serving()) return g_next.posix_memalign(block, alignment, bytes);
  *block = EarlyBlock(bytes, alignment);
  return *block == nullptr ? ENOMEM : 0;
}
void* FirstValloc(size_t bytes) { return Serving() ? nullptr : g_next.valloc(bytes); }
void* FirstPvalloc(size_t bytes) { return Serving() ? nullptr : g_next.pvalloc(bytes); }
void* FirstReallocarray(void* block, size_t count, size_t bytes) {
  return Serving() ? nullptr : g_next.reallocarray(block, count, bytes);
}
size_t FirstUsableSize(void* block) {
  if (block == nullptr) return 0;
  if (IsEarly(block)) return EarlyBytes(block);
  return Serving() ? 0 : g_next.malloc_usable_size(block);
}

// After a search that had to allocate: blocks of the early buffer are about.
void FreeUnlessEarly(void* block) {
  if (!IsEarly(block)) g_real_free(block);
}
void* ReallocUnlessEarly(void* block, size_t bytes) {
  return IsEarly(block) ? MoveEarly(block, bytes) : g_real_realloc(block, bytes);
}
size_t UsableUnlessEarly(void* block) { return IsEarly(block) ? EarlyBytes(block) : g_real_usable_size(block); }

template <typename Function>
Function* Find(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}
template <typename Function>
void Replace(Function*& function, const char* name) {
  if (auto* found = Find<Function>(name)) function = found;
}

// Signal-safe: no.  Allocates: dlsym may, from the early buffer.  Locks: the loader's.  Runs on: the first to allocate.
void Search() {
  g_searching.store(true, std::memory_order_relaxed);
  const NextAllocator first = g_next;
  NextAllocator found = first;
  Replace(found.malloc, "malloc");
  Replace(found.free, "free");
  Replace(found.calloc, "calloc");
  Replace(found.realloc, "realloc");
  Replace(found.malloc_usable_size, "malloc_usable_size");
  Replace(found.posix_memalign, "posix_memalign");
  Replace(found.aligned_alloc, "aligned_alloc");
  Replace(found.memalign, "memalign");
  Replace(found.valloc, "valloc");
  Replace(found.pvalloc, "pvalloc");
  Replace(found.reallocarray, "reallocarray");
  if (g_early_used.load(std::memory_order_relaxed) != 0) {
    g_real_free = found.free;
    g_real_realloc = found.realloc;
    g_real_usable_size = found.malloc_usable_size;
    found.free = FreeUnlessEarly;
    found.realloc = ReallocUnlessEarly;
    found.malloc_usable_size = UsableUnlessEarly;
  }
  g_next = found;
  g_searching.store(false, std::memory_order_relaxed);
}

struct CodeRange {
  uintptr_t low, high;
};
CodeRange g_allocator_code{0, 0};

// Signal-safe: no.  Allocates: no.  Locks: the loader's.  Runs on: the loading thread.
int FindCode(dl_phdr_info* info, size_t, void* wanted) {
  const auto address = reinterpret_cast<uintptr_t>(wanted);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    const uintptr_t low = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type != PT_LOAD || address < low || address >= low + segment.p_memsz) continue;
    g_allocator_code = {low, low + segment.p_memsz};
    return 1;
  }
  return 0;
}

}  // namespace

NextAllocator g_next = {FirstMalloc,   FirstFree,         FirstCalloc,        FirstRealloc,
                        FirstMemalign, FirstAlignedAlloc, FirstPosixMemalign, FirstValloc,
                        FirstPvalloc,  FirstReallocarray, FirstUsableSize};
bool g_glibc_chunks = false;

void ExamineNextAllocator() {
  g_next.free(g_next.malloc(1));
  dl_iterate_phdr(FindCode, reinterpret_cast<void*>(g_next.malloc));
  if (dlsym(RTLD_DEFAULT, "__libc_malloc") != reinterpret_cast<void*>(g_next.malloc)) return;
  constexpr size_t kSizes[] = {1, 24, 25, 1000, 70'000, 3'000'000};
  g_glibc_chunks = true;
  bool as_expected = true;
  for (const size_t bytes : kSizes) {
    void* block = g_next.malloc(bytes);
    if (block == nullptr) continue;
    as_expected = as_expected && HeldBytes(block) == g_next.malloc_usable_size(block);
    g_next.free(block);
  }
  g_glibc_chunks = as_expected && g_early_used.load(std::memory_order_relaxed) == 0;
}

bool IsAllocatorCode(const void* address) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  return at >= g_allocator_code.low && at < g_allocator_code.high;
}

}  // namespace scalene::agent
