#include "agent/python_allocators.h"

#include "agent/arena_map.h"
#include "agent/footprint.h"
#include "agent/live_blocks.h"
#include "agent/process_state.h"
#include "agent/python_runtime.h"
#include "agent/thread_memory.h"
#include "wire/records.h"

namespace scalene::agent {
namespace {

// PyMemAllocatorEx and PyObjectArenaAllocator, the same on 3.8 to 3.15.
struct Allocator {
  void* context;
  void* (*malloc)(void*, size_t);
  void* (*calloc)(void*, size_t, size_t);
  void* (*realloc)(void*, void*, size_t);
  void (*free)(void*, void*);
};
struct ArenaAllocator {
  void* context;
  void* (*alloc)(void*, size_t);
  void (*free)(void*, void*, size_t);
};

enum Domain : int { kRaw = 0, kMem = 1, kObj = 2 };
constexpr int kDomains = 3;

Allocator g_original[kDomains];
ArenaAllocator g_original_arenas;
size_t g_arena_bytes = 0;

// Whose allocation it is, for as long as the call lasts.
class AsPython {
 public:
  AsPython() : before_(t_memory.by) { t_memory.by = kByPython; }
  ~AsPython() { t_memory.by = before_; }

 private:
  AllocatedBy before_;
};

// The interpreter calls libc, where the rest happens.
template <Domain domain>
struct ThroughLibc {
  static void* Malloc(void* context, size_t bytes) {
    const AsPython as_python;
    return g_original[domain].malloc(context, bytes);
  }
  static void* Calloc(void* context, size_t count, size_t bytes) {
    const AsPython as_python;
    return g_original[domain].calloc(context, count, bytes);
  }
  static void* Realloc(void* context, void* block, size_t bytes) {
    const AsPython as_python;
    return g_original[domain].realloc(context, block, bytes);
  }
  static void Free(void* context, void* block) {
    const AsPython as_python;
    g_original[domain].free(context, block);
  }
};

inline void* NotePooled(void* block, size_t bytes) {
  if (block == nullptr || !InArena(block)) return block;
  return NoteAllocation(t_memory, kByPython, block, bytes, ClassBytes(block));
}

// Rarely needed parts of a free, as in allocation_hooks.
template <Domain domain>
__attribute__((cold, noinline)) void FreePooledSlowly(void* context, void* block) {
  if (MayBeSampled(block)) FreeLiveBlock(block);
  AddLive(t_memory, kByPython, 0);
  g_original[domain].free(context, block);
}

// Small blocks in arenas; the others pass through RAW.
template <Domain domain>
struct InPools {
  static void* Malloc(void* context, size_t bytes) {
    return NotePooled(g_original[domain].malloc(context, bytes), bytes);
  }
  static void* Calloc(void* context, size_t count, size_t bytes) {
    return NotePooled(g_original[domain].calloc(context, count, bytes), count * bytes);
  }
  static void Free(void* context, void* block) {
    if (block != nullptr && InArena(block)) {
      const bool publish = ChangeLive(t_memory, kByPython, -static_cast<int64_t>(ClassBytes(block)));
      if (__builtin_expect(publish || MayBeSampled(block), 0)) return FreePooledSlowly<domain>(context, block);
    }
    g_original[domain].free(context, block);
  }
  static void* Realloc(void* context, void* block, size_t bytes) {
    if (block == nullptr) return Malloc(context, bytes);
    const bool was_pooled = InArena(block);
    const size_t held = was_pooled ? ClassBytes(block) : 0;
    const DetachedBlocks detached = was_pooled && MayBeSampled(block) ? DetachLiveBlock(block) : 0;
    void* resized = g_original[domain].realloc(context, block, bytes);
    void* now = resized != nullptr ? resized : block;
    const size_t holds = InArena(now) ? ClassBytes(now) : 0;
    if (detached != 0) AttachLiveBlock(detached, now, resized == nullptr || holds != 0 ? ~uint64_t{0} : 0);
    if (resized != nullptr) NoteResized(resized, held, holds);
    return resized;
  }

 private:
  // 0: in no arena, where RAW has noted it.
  static void NoteResized(void* block, size_t held, size_t holds) {
    if (holds <= held) return AddLive(t_memory, kByPython, -static_cast<int64_t>(held - holds));
    NoteAllocation(t_memory, kByPython, block, holds - held, holds - held, held != 0 ? wire::kAllocationGrowth : 0);
  }
};

// The same without a layer of checks or traces in between: the size class follows from the size.
template <Domain domain>
struct InPlainPools : InPools<domain> {
  static void* Malloc(void* context, size_t bytes) {
    constexpr size_t kMostPooled = 512;
    void* block = g_original[domain].malloc(context, bytes);
    if (bytes - 1 >= kMostPooled || block == nullptr) return block;
    return NoteAllocation(t_memory, kByPython, block, bytes, (bytes + 15) & ~size_t{15});
  }
};

// An allocator that maps its memory itself and whose blocks have no size that we could read.
class Muted {
 public:
  Muted() { ++t_memory.muted; }
  ~Muted() { --t_memory.muted; }
};

inline void* NoteOpaque(void* block, size_t bytes) {
  if (block != nullptr) NoteAllocation(t_memory, kByPython, block, bytes, 0, wire::kAllocationOpaque);
  return block;
}

template <Domain domain>
struct Opaque {
  static void* Malloc(void* context, size_t bytes) {
    const Muted muted;
    return NoteOpaque(g_original[domain].malloc(context, bytes), bytes);
  }
  static void* Calloc(void* context, size_t count, size_t bytes) {
    const Muted muted;
    return NoteOpaque(g_original[domain].calloc(context, count, bytes), count * bytes);
  }
  static void* Realloc(void* context, void* block, size_t bytes) {
    const Muted muted;
    const DetachedBlocks detached = block != nullptr && MayBeSampled(block) ? DetachLiveBlock(block) : 0;
    const uint64_t known = DetachedBytes(detached);  // of large blocks all of it; of others nothing, mostly
    void* resized = g_original[domain].realloc(context, block, bytes);
    if (detached != 0)
      AttachLiveBlock(detached, resized != nullptr ? resized : block, resized != nullptr ? bytes : known);
    if (resized != nullptr && bytes > known) NoteOpaque(resized, bytes - known);
    return resized;
  }
  static void Free(void* context, void* block) {
    const Muted muted;
    if (block != nullptr && MayBeSampled(block)) FreeLiveBlock(block);
    g_original[domain].free(context, block);
  }
};

void* AllocateArena(void* context, size_t bytes) {
  const Muted muted;
  void* arena = g_original_arenas.alloc(context, bytes);
  // Other sizes are the interpreter's data stacks.
  if (arena != nullptr && bytes == g_arena_bytes) MarkArena(arena, bytes, true);
  return arena;
}

void FreeArena(void* context, void* arena, size_t bytes) {
  const Muted muted;
  if (arena != nullptr && bytes == g_arena_bytes) MarkArena(arena, bytes, false);
  g_original_arenas.free(context, arena, bytes);
}

template <template <Domain> class Kind, Domain domain>
constexpr Allocator Functions(void* context) {
  return {context, Kind<domain>::Malloc, Kind<domain>::Calloc, Kind<domain>::Realloc, Kind<domain>::Free};
}

using GetAllocator = void (*)(int, Allocator*);
using SetAllocator = GetAllocator;

// What lies below a domain, found out with one block of it.
template <Domain domain>
Allocator Choose(const Allocator& original) {
  ThreadMemory& thread = t_memory;
  PublishFootprint(thread);
  thread.by = kByPython;
  void* block = original.malloc(original.context, 48);
  const bool in_libc = thread.live[kByPython] != 0;
  thread.by = kByNative;
  const bool in_arena = block != nullptr && InArena(block);
  if (block != nullptr) original.free(original.context, block);
  if (in_arena && original.context == nullptr) return Functions<InPlainPools, domain>(original.context);
  if (in_arena) return Functions<InPools, domain>(original.context);
  if (in_libc) return Functions<ThroughLibc, domain>(original.context);
  CountersOfThisProcess().python_estimated.store(1, std::memory_order_relaxed);
  return Functions<Opaque, domain>(original.context);
}

template <Domain domain>
void Watch(GetAllocator get, SetAllocator set) {
  get(domain, &g_original[domain]);
  Allocator ours = Choose<domain>(g_original[domain]);
  set(domain, &ours);
}

}  // namespace

void WatchArenas() {
  const auto get = reinterpret_cast<void (*)(ArenaAllocator*)>(PythonSymbol("PyObject_GetArenaAllocator"));
  const auto set = reinterpret_cast<void (*)(ArenaAllocator*)>(PythonSymbol("PyObject_SetArenaAllocator"));
  if (get == nullptr || set == nullptr) return;
  const bool large_pools = g_agent.interpreter.layout.minor >= 10;
  g_arena_bytes = large_pools ? 1024 * 1024 : 256 * 1024;
  g_pool_mask = ~(large_pools ? uint64_t{16 * 1024 - 1} : uint64_t{4 * 1024 - 1});
  get(&g_original_arenas);
  ArenaAllocator ours{g_original_arenas.context, AllocateArena, FreeArena};
  set(&ours);
}

void WatchPythonAllocators() {
  const auto get = reinterpret_cast<GetAllocator>(PythonSymbol("PyMem_GetAllocator"));
  const auto set = reinterpret_cast<SetAllocator>(PythonSymbol("PyMem_SetAllocator"));
  if (get == nullptr || set == nullptr) return;
  Watch<kMem>(get, set);
  Watch<kObj>(get, set);
  Watch<kRaw>(get, set);
}

}  // namespace scalene::agent
