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

// Of InPlainPools: a domain counts its blocks before they are made; small blocks may lie outside of the known arenas, and then
// the domain's own functions are here.
bool g_counts_ahead[kDomains];
bool g_strays_expected = false;
Allocator g_plain[kDomains];

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

// The rarely taken ways of a free, as in allocation_hooks: large blocks, and pages in which samples live.
template <Domain domain>
__attribute__((noinline)) void FreeOtherwise(void* context, void* block) {
  if (InArena(block)) {
    if (MayBeSampled(block)) FreeLiveBlock(block);
    NoteFree(t_memory, kByPython, ClassBytes(block));
  }
  g_original[domain].free(context, block);
}
template <Domain domain>
__attribute__((cold, noinline)) void FreeAndPublish(void* context, void* block) {
  PublishFootprint(t_memory);
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
    if (!IsPlainlyPooled(block)) return FreeOtherwise<domain>(context, block);
    if (GiveBack(t_memory, kByPython, ClassBytes(block))) return FreeAndPublish<domain>(context, block);
    g_original[domain].free(context, block);
  }
  static void* Realloc(void* context, void* block, size_t bytes) {
    if (block == nullptr) return Malloc(context, bytes);
    const uint8_t page = PageOf(block);
    if (page == kNotPooled) return g_original[domain].realloc(context, block, bytes);  // and stays with RAW
    const size_t held = ClassBytes(block);
    const DetachedBlocks detached = page != kPooled && MayBeSampled(block) ? DetachLiveBlock(block) : 0;
    void* resized = g_original[domain].realloc(context, block, bytes);
    if (resized == block && detached == 0) return block;  // of the same class
    NoteMoved(resized != nullptr ? resized : block, detached, held);
    return resized;
  }

 private:
  // `block` is where the bytes are now; in no arena, where RAW has noted it, it holds nothing for us.
  static void NoteMoved(void* block, DetachedBlocks detached, size_t held) {
    const size_t holds = InArena(block) ? ClassBytes(block) : 0;
    if (detached != 0) AttachLiveBlock(detached, block, holds != 0 ? ~uint64_t{0} : 0);
    if (holds <= held) return NoteFree(t_memory, kByPython, held - holds);
    NoteAllocation(t_memory, kByPython, block, holds - held, holds - held, wire::kAllocationGrowth);
  }
};

// The same without a layer of checks or traces in between: the size class follows from the size, so a block is counted before
// it is made, and the call goes on without coming back.
template <Domain domain>
struct InPlainPools : InPools<domain> {
  static void* Malloc(void* context, size_t bytes) {
    if (IsPooled(bytes) && CountAllocation(t_memory, kByPython, bytes, ClassFor(bytes)))
      return MallocSlowly(context, bytes);
    return g_original[domain].malloc(context, bytes);
  }
  static void* Calloc(void* context, size_t count, size_t bytes) {
    const size_t whole = count * bytes;  // the interpreter has looked whether it overflows
    if (IsPooled(whole) && CountAllocation(t_memory, kByPython, whole, ClassFor(whole)))
      return CallocSlowly(context, count, bytes);
    return g_original[domain].calloc(context, count, bytes);
  }
  static void* Realloc(void* context, void* block, size_t bytes) {
    return block == nullptr ? Malloc(context, bytes) : InPools<domain>::Realloc(context, block, bytes);
  }

  // Once an arena could not be made or marked, a small block may lie elsewhere: it has been counted wrongly. From then on
  // these stand between us and the pools.
  static void ExpectStrays() {
    if (g_plain[domain].malloc != nullptr) return;
    g_plain[domain] = g_original[domain];
    g_original[domain].malloc = MallocOrStray;
    g_original[domain].calloc = CallocOrStray;
  }

 private:
  static bool IsPooled(size_t bytes) { return bytes - 1 < 512; }
  static size_t ClassFor(size_t bytes) { return (bytes + 15) & ~size_t{15}; }

  static void* Noted(void* block, size_t bytes) {
    if (block == nullptr || !InArena(block)) return block;  // the next one is looked at, then
    return NoteSlowly(block, bytes, kByPython);
  }
  __attribute__((cold, noinline)) static void* MallocSlowly(void* context, size_t bytes) {
    return Noted(g_original[domain].malloc(context, bytes), bytes);
  }
  __attribute__((cold, noinline)) static void* CallocSlowly(void* context, size_t count, size_t bytes) {
    return Noted(g_original[domain].calloc(context, count, bytes), count * bytes);
  }

  static void* Uncounted(void* block, size_t bytes) {
    const bool counted = IsPooled(bytes) && (block == nullptr || !InArena(block));
    if (counted) NoteFree(t_memory, kByPython, ClassFor(bytes));
    return block;
  }
  static void* MallocOrStray(void* context, size_t bytes) {
    return Uncounted(g_plain[domain].malloc(context, bytes), bytes);
  }
  static void* CallocOrStray(void* context, size_t count, size_t bytes) {
    return Uncounted(g_plain[domain].calloc(context, count, bytes), count * bytes);
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

void ExpectStrays() {
  g_strays_expected = true;
  if (g_counts_ahead[kMem]) InPlainPools<kMem>::ExpectStrays();
  if (g_counts_ahead[kObj]) InPlainPools<kObj>::ExpectStrays();
}

void* AllocateArena(void* context, size_t bytes) {
  const Muted muted;
  void* arena = g_original_arenas.alloc(context, bytes);
  if (bytes != g_arena_bytes) return arena;  // one of the interpreter's data stacks
  if (arena == nullptr || !MarkArena(arena, bytes, true)) ExpectStrays();
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
  const bool in_libc = LiveChange(thread, kByPython) != 0;
  thread.by = kByNative;
  const bool in_arena = block != nullptr && InArena(block);
  if (block != nullptr) original.free(original.context, block);
  if (in_arena && original.context == nullptr) {
    g_counts_ahead[domain] = true;
    if (g_strays_expected) InPlainPools<domain>::ExpectStrays();
    return Functions<InPlainPools, domain>(original.context);
  }
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
